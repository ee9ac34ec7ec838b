"""What depends on what: from a source up to boards and reports, within a scope."""

import pytest

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.pipelines.tests.conftest import SECOND, WRITER, bring, make
from haidang.foundation.core.audit import SYSTEM
from tests.world import World


def kinds(found: catalogue.Impact) -> dict[str, set[str]]:
    told: dict[str, set[str]] = {}
    for one in found.found:
        told.setdefault(one.kind, set()).add(one.title)
    return told


def test_a_source_is_followed_through_a_pipeline(world: World) -> None:
    bring(("25747", "2026-01-05", 3))
    make(world)
    ingest.create_source(
        code="tay", title="Nhập tay", kind="file", dataset="ca-benh",
        supplier_unit_id=world.unit("74.STNMT"), by=SYSTEM,
    )  # fmt: skip
    found = catalogue.impact("source", "tay", world.scope(WRITER))
    assert [(one.kind, one.code) for one in found.found] == [
        ("dataset", "ca-benh"), ("pipeline", "tong"), ("dataset", "tong-thang"),
    ]  # fmt: skip
    picture = found.picture()
    assert [box.x for box in picture.boxes] == sorted({box.x for box in picture.boxes})
    assert len(picture.paths) == 3

    scope = world.scope(WRITER)
    assert kinds(catalogue.impact("field", "ca-benh.so_ca", scope))["pipeline"]
    assert not catalogue.impact("field", "ca-benh.nguoi", scope).found
    clerk = catalogue.impact("dataset", "ca-benh", world.scope("canbo.phucuong"))
    assert clerk.rows[0][1].title == ""  # something is touched; what, may not be seen
    page = world.client("canbo.phucuong").get("/console/datasets/impact/dataset/ca-benh/")
    assert page.status_code == 200 and "Tổng ca bệnh" not in page.content.decode()
    page = world.client(WRITER).get("/console/datasets/ca-benh/versions/new/").content.decode()
    assert "Tổng ca bệnh theo tháng" in page


@pytest.mark.parametrize(
    ("kind", "code"), [("dataset", "khong-co"), ("field", "ca-benh.la"), ("lạ", "x"), ("rule", "x")]
)
def test_what_is_not_there_is_not_found(world: World, kind: str, code: str) -> None:
    with pytest.raises(catalogue.UnknownThingError):
        catalogue.impact(kind, code, world.scope(SECOND))
