"""See `profiles/sql/schema_days.sql`."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "schema_days.sql"


class Migration(migrations.Migration):
    dependencies = [("profiles", "0014_segment_drafts")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
