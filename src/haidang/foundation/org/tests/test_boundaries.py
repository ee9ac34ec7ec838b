"""Official boundaries: read from both kinds of file, matched, checked, used, withdrawn."""

import io
import json
import zipfile
from datetime import date

import pyproj
import pytest
import shapefile
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from haidang.foundation.core.audit import SYSTEM, Actor
from haidang.foundation.core.models import AuditEntry
from haidang.foundation.org import api as org
from haidang.foundation.org.errors import OwnSheetError, UnreadableOutlinesError
from haidang.foundation.org.files.outlines import shapes_of
from haidang.foundation.org.models import BoundarySheet
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
COMMUNES = ("25741", "25747", "25942")
DAY = date(2024, 1, 1)
APPROVER = "giamdoc.ioc"


@pytest.fixture
def world() -> World:
    return build_world()


def square(number: int, size: float = 0.05) -> shapely.Polygon:
    west = 106.6 + number * 0.05
    return shapely.box(west, 11.0, west + size, 11.05)


def geojson(rows: list[tuple[dict[str, object], shapely.Polygon]], **more: object) -> bytes:
    features = [
        {"type": "Feature", "properties": told, "geometry": shapely.geometry.mapping(shape)}
        for told, shape in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def communes() -> list[tuple[dict[str, object], shapely.Polygon]]:
    return [({"MA_XA": code, "dan_so": 74}, square(n)) for n, code in enumerate(COMMUNES)]


def imported(content: bytes, name: str = "xa.geojson", system: str = "") -> BoundarySheet:
    made = org.import_boundaries(
        name=name, content=content, source="Sở TN&MT", decision="12/QĐ-UBND", on=DAY, by=SYSTEM,
        system=system,
    )  # fmt: skip
    return BoundarySheet.objects.get(pk=made)


def in_vn2000(zone: int) -> bytes:
    """Return the communes as a zipped Shapefile of a VN-2000 zone, names in a .dbf."""
    change = pyproj.Transformer.from_crs(4326, zone, always_xy=True)
    shp, shx, dbf = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with shapefile.Writer(shp=shp, shx=shx, dbf=dbf, encoding="utf-8") as writer:
        writer.field("TEN", "C", 60)
        for number, code in enumerate(COMMUNES):
            writer.poly([[change.transform(*xy) for xy in square(number).exterior.coords]])
            writer.record(org.unit(code).name.upper())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for ending, part in (("shp", shp), ("shx", shx), ("dbf", dbf)):
            archive.writestr(f"lop/xa.{ending}", part.getvalue())
        archive.writestr("lop/xa.prj", pyproj.CRS(zone).to_wkt("WKT1_ESRI"))
    return packed.getvalue()


def test_units_are_known_by_their_code_or_by_their_name(world: World) -> None:
    by_code = imported(geojson(communes()))
    by_name = imported(in_vn2000(9210), "xa.zip")

    assert (by_code.column, by_name.column) == ("MA_XA", "TEN")
    assert by_code.problems == by_name.problems == []
    assert by_code.boundaries.count() == by_name.boundaries.count() == 3


def test_vn2000_comes_back_to_where_it_was(world: World) -> None:
    sheet = imported(in_vn2000(9210), "xa.zip")
    kept = sheet.boundaries.get(unit=world.unit("25741"))

    assert "VN-2000" in sheet.crs
    assert shapely.geometry.shape(kept.geometry).hausdorff_distance(square(0)) < 1e-5  # 1 m
    assert kept.area == pytest.approx(30.4, rel=0.01)


def test_the_datum_is_shifted_and_not_only_the_projection() -> None:
    content = geojson([({"ten": "a"}, square(0))])
    [shape], _ = shapes_of("a.geojson", content, "4756")
    metres = shape.geometry.hausdorff_distance(square(0)) * 111_320

    assert 100 < metres < 300


def test_a_wrong_system_is_said_and_cannot_be_used(world: World) -> None:
    sheet = imported(geojson([({"MA_XA": "25741"}, shapely.box(0, 0, 1, 1))]))

    assert "hệ tọa độ" in sheet.problems[0]
    with pytest.raises(org.SheetHasProblemsError, match="hệ tọa độ"):
        org.use_boundaries(sheet=sheet.pk, by=SYSTEM)


def test_what_is_wrong_with_a_sheet_is_told(world: World) -> None:
    rows = [
        ({"MA_XA": "25741"}, square(0)),
        ({"MA_XA": "25747"}, square(0, 0.06)),
        ({"MA_XA": "99999"}, square(5)),
    ]
    sheet = imported(geojson(rows))

    assert any("chồng lên nhau" in one for one in sheet.problems)
    assert any("99999" in one for one in sheet.notes)
    assert any("chưa có hình" in one for one in sheet.notes)


def test_the_parts_of_one_unit_become_one_shape(world: World) -> None:
    rows = [({"MA_XA": "25741"}, square(0)), ({"MA_XA": 25741.0}, square(3))]
    kept = imported(geojson(rows)).boundaries.get()

    assert len(kept.geometry["coordinates"]) == 2


def broken_shapefile() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xa.shp", b"\x00\x00\x27\x0a short")
        archive.writestr("xa.dbf", b"\x03")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", b"not json"),
        ("a.geojson", b"[" * 100_000),
        ("a.geojson", b'{"type": "Feature"}'),
        ("a.geojson", geojson([])),
        ("a.geojson", b'{"features": [{"geometry": {"type": "Polygon", "coordinates": "x"}}]}'),
        ("a.zip", b"PK not a zip"),
        ("a.zip", broken_shapefile()),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(name: str, content: bytes) -> None:
    with pytest.raises(UnreadableOutlinesError, match=r"[Tt]ệp"):
        shapes_of(name, content)


def test_only_sheets_in_use_are_in_force_from_their_day(world: World) -> None:
    sheet = imported(geojson(communes()))
    assert org.sheets_in_force() == ()
    org.use_boundaries(sheet=sheet.pk, by=SYSTEM)

    assert [one.id for one in org.sheets_in_force()] == [sheet.pk]
    assert org.sheets_in_force(date(2023, 12, 31)) == ()
    assert set(org.boundaries(org.sheets_in_force())) == {world.unit(code) for code in COMMUNES}


def test_the_way_through_the_pages(world: World) -> None:
    client = world.client("quantri")
    file = SimpleUploadedFile("xa.geojson", geojson(communes()))
    said = {"file": file, "source": "Sở TN&MT", "decision": "12/QĐ", "on": "2024-01-01"}
    page = client.post(reverse("org:import_boundaries"), said, follow=True).content.decode()
    sheet = BoundarySheet.objects.get()
    assert "Người nhập không tự duyệt được" in page and "Duyệt, đưa vào" not in page
    assert (
        world.client("truc1").get(reverse("org:boundary_sheet", args=[sheet.pk])).status_code == 403
    )

    approving = reverse("org:use_boundaries", args=[sheet.pk])
    for other in ("quantri", "truc1"):
        world.client(other).post(approving)
        assert org.sheets_in_force() == ()
    director = world.client(APPROVER)
    page = director.get(reverse("org:boundary_sheet", args=[sheet.pk])).content.decode()
    assert "Duyệt, đưa vào sử dụng" in page
    director.post(approving)
    assert org.sheets_in_force()
    entry = AuditEntry.objects.get(action="org.boundaries_used")
    assert entry.actor_id == world.accounts[APPROVER]
    assert (
        world.client("truc1").get(reverse("org:boundary_sheet", args=[sheet.pk])).status_code == 200
    )

    client.post(reverse("org:withdraw_boundaries", args=[sheet.pk]), {"reason": "sai ranh"})
    assert org.sheets_in_force() == ()


def test_a_bad_file_is_said_at_its_field(world: World) -> None:
    said = {"source": "a", "decision": "b", "on": "2024-01-01"}
    file = SimpleUploadedFile("xa.zip", b"nothing")
    answer = world.client("quantri").post(reverse("org:import_boundaries"), {**said, "file": file})

    assert answer.status_code == 422
    assert "phải có đủ .shp" in answer.content.decode()


def test_other_programs_bring_and_read_boundaries(world: World) -> None:
    client = world.client("quantri")
    file = SimpleUploadedFile("xa.geojson", geojson(communes()))
    said = {"file": file, "source": "Sở", "decision": "12", "on": "2024-01-01"}
    made = client.post("/api/v1/boundary-sheets", said)
    assert made.status_code == 201, made.content
    number = made.json()["id"]
    assert client.post(f"/api/v1/boundary-sheets/{number}/use").status_code in (400, 403)
    approved = world.client(APPROVER).post(f"/api/v1/boundary-sheets/{number}/use")
    assert approved.status_code == 200, approved.content

    found = world.client("canbo.phucuong").get("/api/v1/boundaries").json()
    assert [one["id"] for one in found["features"]] == ["25747"]  # the scope only
    assert world.client("truc1").post("/api/v1/boundary-sheets", said).status_code == 403
    body = {"reason": "nhầm"}
    end = client.post(
        f"/api/v1/boundary-sheets/{number}/withdraw", body, content_type="application/json"
    )
    assert end.json()["state"] == "withdrawn"


def test_who_imported_cannot_approve_even_past_the_pages(world: World) -> None:
    someone = Actor(id=7, label="Người nhập")
    made = org.import_boundaries(
        name="xa.geojson", content=geojson(communes()), source="Sở", decision="12", on=DAY,
        by=someone,
    )  # fmt: skip

    with pytest.raises(OwnSheetError, match="không tự duyệt"):
        org.use_boundaries(sheet=made, by=someone)
    with pytest.raises(IntegrityError), transaction.atomic():
        BoundarySheet.objects.update(state="in_use", used_at=timezone.now(), used_by=7)
    assert org.sheets_in_force() == ()
