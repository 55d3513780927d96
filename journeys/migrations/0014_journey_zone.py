from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("journeys", "0013_exit_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="version",
            name="timezone",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
