"""What an audit entry says of removed values may be blotted, nothing else of it. Before deploy."""

from django.db import migrations

BLOTTED = """
CREATE OR REPLACE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('haidang.removal', true) = 'on'
        AND (NEW.id, NEW.at, NEW.actor_id, NEW.actor_label, NEW.action, NEW.object_type,
             NEW.object_id)
        IS NOT DISTINCT FROM
            (OLD.id, OLD.at, OLD.actor_id, OLD.actor_label, OLD.action, OLD.object_type,
             OLD.object_id)
        AND NEW.changes IN ('{}', '{"removed": true}')
        AND NEW.reason IN (OLD.reason, 'Đã xóa theo yêu cầu của pháp luật')
        AND NEW.object_label IN (OLD.object_label, '')
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit trail is never altered' USING ERRCODE = 'restrict_violation';
END $$;
"""
NEVER = """
CREATE OR REPLACE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is never altered' USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_triggers_and_cache")]

    operations = [migrations.RunSQL(BLOTTED, NEVER)]
