"""What models cannot express: see `profiles/sql/schema*.sql`."""

from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("profiles", "0001_initial")]
    operations = [
        migrations.RunSQL(path.read_text(), migrations.RunSQL.noop) for path in sorted(FOLDER.glob("schema*.sql"))
    ]
