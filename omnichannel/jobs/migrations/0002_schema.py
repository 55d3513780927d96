"""What models cannot express: see `omnichannel/jobs/sql/schema.sql`."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "schema.sql"


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
