from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("journeys", "0007_publications"),
    ]

    operations = [
        migrations.AddField(
            model_name="version",
            name="entry_key",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="version",
            name="entry_limit",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="version",
            name="entry_limit_hours",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="version",
            name="entry_total",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
    ]
