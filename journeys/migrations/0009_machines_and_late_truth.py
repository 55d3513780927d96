"""Opens and clicks of people beside those of machines; what became true after a branch was taken."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journeys", "0008_entry_rules")]
    operations = [
        migrations.AddField("message", "human_opened_at", models.DateTimeField(null=True)),
        migrations.AddField("message", "human_clicked_at", models.DateTimeField(null=True)),
        migrations.AddField("message", "probed_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="LateTruth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("enrollment_id", models.BigIntegerField()),
                ("node_id", models.BigIntegerField()),
                ("visit", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "cancels",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("enrollment_id", "visit"), name="late_truth_once"),
                ],
            },
        ),
        migrations.AddField("openednode", "by_people", models.BooleanField(default=False)),
        migrations.AddField(
            "openednode",
            "late",
            models.CharField(
                choices=[
                    ("note", "Only note it"),
                    ("cancel", "Cancel what is not sent yet"),
                ],
                default="note",
                max_length=6,
            ),
        ),
    ]
