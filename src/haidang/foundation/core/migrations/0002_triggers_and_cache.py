"""What models cannot say: an audit that nobody alters, a bell for the relay, the cache's table."""

from django.db import migrations

AUDIT = """
CREATE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is never altered' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER core_audit_immutable BEFORE UPDATE OR DELETE ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
"""
AUDIT_BACK = """
DROP TRIGGER core_audit_immutable ON core_auditentry;
DROP FUNCTION core_refuse_change();
"""
BELL = """
CREATE FUNCTION core_ring_relay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('haidang_outbox', '');
    RETURN NULL;
END $$;
CREATE TRIGGER core_outbox_bell AFTER INSERT ON core_outboxevent
    FOR EACH STATEMENT EXECUTE FUNCTION core_ring_relay();
"""
BELL_BACK = """
DROP TRIGGER core_outbox_bell ON core_outboxevent;
DROP FUNCTION core_ring_relay();
"""
# As Django's createcachetable makes it.
CACHE = """
CREATE UNLOGGED TABLE core_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX core_cache_expires ON core_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunSQL(AUDIT, AUDIT_BACK),
        migrations.RunSQL(BELL, BELL_BACK),
        migrations.RunSQL(CACHE, "DROP TABLE core_cache"),
    ]
