"""See `profiles/sql/schema_events.sql`."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "schema_events.sql"


class Migration(migrations.Migration):
    dependencies = [("profiles", "0005_identity")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
