"""Levels and sectors are data; a province may change them. And the stamp of the register."""

from django.db import migrations

LEVELS = {"province": "Tỉnh", "district": "Huyện", "commune": "Xã", "room": "Phòng"}
SECTORS = {
    "kinh-te": "Kinh tế",
    "ngan-sach": "Ngân sách",
    "dau-tu-cong": "Đầu tư công",
    "doanh-nghiep": "Doanh nghiệp",
    "lao-dong": "Lao động, xã hội",
    "tthc": "Thủ tục hành chính",
    "phan-anh": "Phản ánh, kiến nghị",
    "moi-truong": "Môi trường",
    "thuy-van": "Thủy văn, triều cường",
    "giao-thong": "Giao thông",
    "an-ninh": "An ninh, trật tự",
    "pccc": "Phòng cháy, chữa cháy",
    "y-te": "Y tế",
    "giao-duc": "Giáo dục",
    "ha-tang": "Hạ tầng đô thị",
    "dat-dai": "Đất đai, xây dựng",
    "attt": "An toàn thông tin",
    "cds": "Chuyển đổi số",
    "ioc": "Trung tâm điều hành",
}
WATCHED = [
    "level", "sector", "unit", "unitalias", "unitversion", "place", "neighbour", "competence",
    "competenceversion",
]


def fill(apps, schema_editor):
    level, sector = apps.get_model("org", "Level"), apps.get_model("org", "Sector")
    for order, (code, name) in enumerate(LEVELS.items()):
        level.objects.create(code=code, name=name, order=order)
    for order, (code, name) in enumerate(SECTORS.items()):
        sector.objects.create(code=code, name=name, order=order)
    apps.get_model("org", "RegisterStamp").objects.create(id=1, value=0)


STAMP = """
CREATE SEQUENCE org_register_stamp;
CREATE FUNCTION org_change_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE org_registerstamp SET value = nextval('org_register_stamp');
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
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL(STAMP, STAMP_BACK),
    ]
