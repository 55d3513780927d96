"""Stays instead of events: whoever enters writes one row, and whoever leaves another."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("profiles", "0007_identity_links")]
    operations = [
        migrations.DeleteModel("MembershipEvent"),
        migrations.DeleteModel("Membership"),
        migrations.CreateModel(
            "Membership",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "segment", "profile", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("since", models.DateTimeField()),
                ("reason", models.TextField(blank=True)),
                (
                    "profile",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to="profiles.profile"
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="memberships",
                        to="profiles.segment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            "PastMembership",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "segment",
                        "until",
                        "profile",
                        "since",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("reason", models.TextField()),
                ("exit_reason", models.TextField()),
                (
                    "profile",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to="profiles.profile"
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="profiles.segment",
                    ),
                ),
            ],
        ),
    ]
