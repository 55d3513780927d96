from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("journeys", "0019_entry_turns"),
    ]

    operations = [
        migrations.RenameModel(old_name="BranchNode", new_name="ManyWaysNode"),
    ]
