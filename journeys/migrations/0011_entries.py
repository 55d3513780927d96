import datetime

import django.db.models.deletion
from django.db import migrations, models

import journeys.nodes.entry_schedule


class Migration(migrations.Migration):
    dependencies = [
        ("journeys", "0010_actions"),
        ("profiles", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="EntryApiNode",
            fields=[
                (
                    "node_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="journeys.node",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
            bases=("journeys.node",),
        ),
        migrations.CreateModel(
            name="EntryJourneyNode",
            fields=[
                (
                    "node_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="journeys.node",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
            bases=("journeys.node",),
        ),
        migrations.CreateModel(
            name="EntryClock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("journey_id", models.BigIntegerField()),
                ("version_id", models.BigIntegerField()),
                ("node_id", models.BigIntegerField()),
                ("key", models.CharField(max_length=32)),
                ("segment_id", models.BigIntegerField(null=True)),
                ("followed_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("reached", models.BigIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="entry_clock_due"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("journey_id", "key"), name="entry_clock_once")],
            },
        ),
        migrations.CreateModel(
            name="EntryDateNode",
            fields=[
                (
                    "node_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="journeys.node",
                    ),
                ),
                ("attribute", models.CharField(blank=True, max_length=200)),
                ("yearly", models.BooleanField(default=False)),
                ("offset", models.PositiveIntegerField(default=0)),
                (
                    "offset_unit",
                    models.CharField(
                        choices=[("hours", "hours"), ("days", "days"), ("weeks", "weeks"), ("months", "months")],
                        default="days",
                        max_length=7,
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("before", "before"), ("after", "after")], default="before", max_length=6
                    ),
                ),
                ("at", models.TimeField(default=datetime.time(9, 0))),
                (
                    "clock",
                    models.CharField(
                        choices=[("ours", "of our time zone"), ("theirs", "where each person lives")],
                        default="theirs",
                        max_length=6,
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="profiles.segment",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
            bases=("journeys.node",),
        ),
        migrations.CreateModel(
            name="EntryScheduleNode",
            fields=[
                (
                    "node_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="journeys.node",
                    ),
                ),
                (
                    "repeat",
                    models.CharField(
                        choices=[
                            ("once", "once"),
                            ("daily", "every day"),
                            ("weekly", "every week"),
                            ("monthly", "every month"),
                        ],
                        default="once",
                        max_length=7,
                    ),
                ),
                ("first_day", models.DateField(blank=True, null=True)),
                ("last_day", models.DateField(blank=True, null=True)),
                ("at", models.TimeField(default=datetime.time(9, 0))),
                ("weekdays", models.JSONField(blank=True, default=journeys.nodes.entry_schedule.monday)),
                ("month_day", models.PositiveSmallIntegerField(default=1)),
                (
                    "clock",
                    models.CharField(
                        choices=[("ours", "of our time zone"), ("theirs", "where each person lives")],
                        default="ours",
                        max_length=6,
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="profiles.segment",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
            bases=("journeys.node",),
        ),
        migrations.CreateModel(
            name="EntrySegmentLeftNode",
            fields=[
                (
                    "node_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="journeys.node",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="profiles.segment",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
            bases=("journeys.node",),
        ),
    ]
