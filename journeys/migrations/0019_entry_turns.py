from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journeys", "0018_node_due")]
    operations = [migrations.AddField("entryclock", "until_at", models.DateTimeField(null=True))]
