"""What publications do with people inside, and what takes them back."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("journeys", "0006_quarters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("version", "guests", models.JSONField(blank=True, default=list)),
        migrations.CreateModel(
            "Publication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("back", models.BooleanField(default=False)),
                ("plan", models.JSONField(default=dict)),
                ("counts", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "former",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="journeys.version",
                    ),
                ),
                (
                    "journey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="publications",
                        to="journeys.journey",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="journeys.version"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            "Moved",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("enrollment_id", models.BigIntegerField()),
                ("version_id", models.BigIntegerField()),
                ("node_id", models.BigIntegerField()),
                ("visit", models.PositiveIntegerField()),
                ("state", models.PositiveSmallIntegerField()),
                ("due_at", models.DateTimeField(null=True)),
                ("node_entered_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True, default="")),
                ("to_version_id", models.BigIntegerField()),
                ("to_node_id", models.BigIntegerField()),
                ("to_visit", models.PositiveIntegerField()),
                ("to_state", models.PositiveSmallIntegerField()),
                (
                    "publication",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="journeys.publication",
                    ),
                ),
            ],
        ),
        migrations.AddIndex("publication", models.Index(fields=["journey", "-id"], name="publication_journey")),
    ]
