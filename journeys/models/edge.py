"""A drawn line from a port of one node to another node."""

from django.db import models


class Edge(models.Model):
    """At most one edge leaves a port; a port without an edge ends the journey."""

    version = models.ForeignKey("journeys.Version", on_delete=models.CASCADE, related_name="edges")
    source = models.ForeignKey("journeys.Node", on_delete=models.CASCADE, related_name="edges_out")
    port = models.CharField(max_length=40)
    target = models.ForeignKey("journeys.Node", on_delete=models.CASCADE, related_name="edges_in")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "port"], name="edge_port")]
