from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journeys", "0015_blueprint")]
    operations = [migrations.AddField("message", "replied_at", models.DateTimeField(null=True))]
