"""See `profiles/sql/schema_dates.sql`."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "schema_dates.sql"


class Migration(migrations.Migration):
    dependencies = [("profiles", "0008_stays")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
