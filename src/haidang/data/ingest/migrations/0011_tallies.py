import django.db.models.deletion
from django.db import migrations, models

# A writer holds the shared lock of its source until it commits; whoever keeps days takes it whole,
# so that no day is kept without what is about to be committed.
STALE = """
CREATE FUNCTION ingest_day_changed(of_source bigint, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    of_day date := (at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7401, of_source::int);
    PERFORM FROM ingest_tally WHERE source_id = of_source AND day = of_day AND is_stale;
    IF NOT FOUND THEN
        INSERT INTO ingest_tally (source_id, day, is_stale) VALUES (of_source, of_day, true)
            ON CONFLICT (source_id, day) DO UPDATE SET is_stale = true;
    END IF;
END $$;

CREATE FUNCTION ingest_run_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM ingest_day_changed(OLD.source_id, OLD.received_at);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM ingest_day_changed(NEW.source_id, NEW.received_at);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ingest_run_tally AFTER INSERT OR DELETE ON ingest_run
    FOR EACH ROW EXECUTE FUNCTION ingest_run_changed();
CREATE TRIGGER ingest_run_tally_update AFTER UPDATE ON ingest_run FOR EACH ROW WHEN (
    (OLD.source_id, OLD.received_at, OLD.status, OLD.approval, OLD.channel, OLD.dataset, OLD.read,
     OLD.accepted, OLD.duplicate, OLD.repeated, OLD.revised)
    IS DISTINCT FROM
    (NEW.source_id, NEW.received_at, NEW.status, NEW.approval, NEW.channel, NEW.dataset, NEW.read,
     NEW.accepted, NEW.duplicate, NEW.repeated, NEW.revised)
) EXECUTE FUNCTION ingest_run_changed();

CREATE FUNCTION ingest_rows_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ingest_day_changed(run.source_id, run.received_at)
        FROM (SELECT DISTINCT run_id FROM changed) AS of JOIN ingest_run AS run ON run.id = of.run_id;
    RETURN NULL;
END $$;
CREATE TRIGGER ingest_rows_tally_insert AFTER INSERT ON ingest_quarantinedrow
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ingest_rows_changed();
CREATE TRIGGER ingest_rows_tally_update AFTER UPDATE ON ingest_quarantinedrow
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ingest_rows_changed();
CREATE TRIGGER ingest_rows_tally_delete AFTER DELETE ON ingest_quarantinedrow
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ingest_rows_changed();

INSERT INTO ingest_tally (source_id, day, is_stale)
    SELECT DISTINCT source_id, (received_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, true
    FROM ingest_run;
"""
STALE_BACK = """
DROP TRIGGER ingest_run_tally ON ingest_run;
DROP TRIGGER ingest_run_tally_update ON ingest_run;
DROP TRIGGER ingest_rows_tally_insert ON ingest_quarantinedrow;
DROP TRIGGER ingest_rows_tally_update ON ingest_quarantinedrow;
DROP TRIGGER ingest_rows_tally_delete ON ingest_quarantinedrow;
DROP FUNCTION ingest_run_changed();
DROP FUNCTION ingest_rows_changed();
DROP FUNCTION ingest_day_changed(bigint, timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [("ingest", "0010_rows_by_source")]

    operations = [
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(help_text='On which the runs came, by the clock on the wall')),
                ('is_stale', models.BooleanField(db_default=True)),
                ('read', models.BigIntegerField(db_default=0)),
                ('same', models.BigIntegerField(db_default=0)),
                ('twice', models.BigIntegerField(db_default=0)),
                ('corrected', models.BigIntegerField(db_default=0)),
                ('held', models.BigIntegerField(db_default=0, help_text='Accepted, and not approved')),
                ('first_at', models.DateTimeField(help_text='When the first run with rows came', null=True)),
                ('last_at', models.DateTimeField(null=True)),
                ('open', models.BigIntegerField(db_default=0, help_text='Rows that wait')),
                ('standing', models.JSONField(help_text='[[dataset, code, state, rows]] not mended', null=True)),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ingest.source')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('is_stale', True)), fields=['source', 'day'], name='tally_stale')],
                'constraints': [models.UniqueConstraint(fields=('source', 'day'), name='tally_of_day')],
            },
        ),
        migrations.RunSQL(STALE, STALE_BACK),
    ]
