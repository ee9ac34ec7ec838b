"""Every write to levels, sectors, units and what belongs to them changes the register's stamp."""

from django.db import migrations

WATCHED = [
    "level", "sector", "unit", "unitalias", "unitversion", "place", "neighbour", "competence",
    "competenceversion",
]


STAMP = """
CREATE SEQUENCE org_register_stamp;
CREATE FUNCTION org_change_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO org_registerstamp (id, value) VALUES (1, nextval('org_register_stamp'))
        ON CONFLICT (id) DO UPDATE SET value = excluded.value;
    RETURN NULL;
END $$;
""" + "".join(
    f"CREATE TRIGGER org_{table}_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
    f" ON org_{table} FOR EACH STATEMENT EXECUTE FUNCTION org_change_stamp();\n"
    for table in WATCHED
)
STAMP_BACK = "".join(f"DROP TRIGGER org_{table}_stamp ON org_{table};\n" for table in WATCHED) + (
    "DROP FUNCTION org_change_stamp(); DROP SEQUENCE org_register_stamp;"
)


class Migration(migrations.Migration):
    dependencies = [("org", "0001_initial")]

    operations = [
        migrations.RunSQL(STAMP, STAMP_BACK),
    ]
