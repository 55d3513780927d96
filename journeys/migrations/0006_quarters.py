"""Tallies count by quarters of an hour: not every zone's midnight is at a full one."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("journeys", "0005_moments")]
    operations = [
        migrations.RenameField("tally", "hour", "quarter"),
        migrations.RenameIndex("tally", "tally_quarter", "tally_hour"),
    ]
