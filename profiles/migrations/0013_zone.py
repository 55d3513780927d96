from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("profiles", "0012_steady")]
    operations = [
        migrations.AddField("membershipclock", "zone", models.TextField(db_default="")),
    ]
