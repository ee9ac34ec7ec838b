import django.db.models.deletion
from django.db import migrations, models

FILL = """
UPDATE ingest_quarantinedrow AS waiting SET source_id = run.source_id
FROM ingest_run AS run WHERE run.id = waiting.run_id;
SET CONSTRAINTS ALL IMMEDIATE;  -- a column is not closed while checks of its rows are put off
"""


def source(**more: object) -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="ingest.source",
        **more,
    )


class Migration(migrations.Migration):
    dependencies = [("ingest", "0009_desk_indexes")]

    operations = [
        migrations.AddField("quarantinedrow", "source", source(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField("quarantinedrow", "source", source()),
        migrations.AddIndex(
            model_name="quarantinedrow",
            index=models.Index(
                fields=["source", "state", "-run", "row_no"], name="quarantine_source"
            ),
        ),
    ]
