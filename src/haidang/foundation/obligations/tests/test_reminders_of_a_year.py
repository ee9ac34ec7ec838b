"""The reminders of a year: counted within a scope, proven, told when a mark is reached."""

import datetime as dt

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from haidang.foundation.notifications import api as notifications
from haidang.foundation.obligations import rules
from haidang.foundation.obligations.tests.test_obligations import HOUR, NOW, _fire, _owe, _told
from tests.world import World

PAGE = "/console/obligations/reminders/"


@given(st.integers(0, 9), st.sets(st.integers(1, 8), max_size=2))
def test_the_highest_mark_reached_is_the_last_one_not_above_the_count(
    count: int, counts: set[int]
) -> None:
    slow = [mark for mark in rules.marks(list(counts)) if mark.count <= count]
    assert rules.reached(count, rules.marks(list(counts))) == (slow[-1] if slow else None)


@pytest.fixture
def reminded(world: World) -> World:
    """Phú Cường was reminded three times of one thing, An Bình once."""
    _owe(world)
    _owe(world, ref="other", debtor_unit_id=world.unit("25942"), title="Số liệu khác")
    _fire(NOW + 20 * HOUR)
    _fire(NOW + 40 * HOUR)
    _fire(NOW + 60 * HOUR)
    return world


def test_heads_of_both_sides_hear_when_a_unit_reaches_a_mark(world: World, settings) -> None:
    settings.REMINDER_MARKS = [2, 3]
    _owe(world)
    for hours in (10, 34, 58):
        _fire(NOW + hours * HOUR)

    said = [title for title in _told(world, "chutich.phucuong") if "đã bị đôn đốc" in title]
    assert said == [
        "Phường Phú Cường đã bị đôn đốc 3 lần trong năm 2026",
        "Phường Phú Cường đã bị đôn đốc 2 lần trong năm 2026",
    ]
    assert any("đã bị đôn đốc 3 lần" in title for title in _told(world, "giamdoc.ioc"))
    messages, _ = notifications.messages(world.accounts["giamdoc.ioc"])
    assert "kỷ luật" in messages[0].body


def test_the_page_counts_units_and_each_unit_s_page_proves_every_time(reminded: World) -> None:
    with time_machine.travel(NOW + 61 * HOUR, tick=False):
        client = reminded.client("giamdoc.ioc")
        page = client.get(PAGE)
        one = client.get(f"{PAGE}25747/").content.decode()

    counted = {one.unit.code: (one.count, one.obligations) for one in page.context["page"]}
    assert counted == {"25747": (3, 1), "25942": (3, 1)}
    assert "Đến mức kiểm điểm" in page.content.decode()
    assert one.count("Huỳnh Thị Mai") == 3
    assert "chưa đọc" in one


def test_a_reader_sees_the_own_scope_only(reminded: World) -> None:
    client = reminded.client("canbo.phucuong")

    rows = client.get("/api/v1/obligations/reminders?year=2026").json()
    assert [row["unit"] for row in rows] == ["25747"]
    assert client.get(f"{PAGE}25942/").status_code == 403
    assert client.get("/api/v1/obligations/reminders/25942").status_code == 403
    assert "25942" not in b"".join(client.get(f"{PAGE}export.csv?year=2026")).decode()
    assert reminded.client("nguoila").get(PAGE).status_code == 403


def test_other_programs_and_spreadsheets_get_the_proof_too(reminded: World) -> None:
    client = reminded.client("giamdoc.ioc")

    proofs = client.get("/api/v1/obligations/reminders/25747?year=2026").json()
    assert [one["number"] for one in proofs] == [3, 2, 1]
    assert proofs[0]["copies"][0]["account_name"] == "Huỳnh Thị Mai"
    lines = b"".join(client.get(f"{PAGE}export.csv?year=2026")).decode().splitlines()
    assert len(lines) == 1 + 6
    assert "Số liệu dân số tuần 47" in lines[1]
    assert client.get(PAGE, {"year": "nonsense"}).status_code == 200
    assert client.get(PAGE, {"year": str(dt.date.today().year - 9)}).status_code == 200
