"""Who is at a step, and who leaves it next: one look for each card of a canvas."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journeys", "0017_asking")]
    operations = [
        migrations.RemoveIndex("enrollment", "enrollment_at_node"),
        migrations.AddIndex(
            "enrollment",
            models.Index(fields=["node_id", "due_at"], condition=models.Q(("state", 1)), name="enrollment_node_due"),
        ),
    ]
