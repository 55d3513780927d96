"""Tallies count by quarters of an hour: not every zone's midnight is at a full one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journeys", "0005_moments")]
    operations = [
        migrations.RemoveIndex("tally", "tally_hour"),
        migrations.RenameField("tally", "hour", "quarter"),
        migrations.AddIndex("tally", models.Index(fields=["quarter"], name="tally_quarter")),
    ]
