"""SenML: the RFC's own examples, base fields, status, and whatever else arrives."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.data.ingest.intake.formats import senml
from haidang.data.ingest.intake.points import Points, Request

NOW = 1_700_000_000_000_000


def parse(*packs: object, device: str = "") -> Points:
    return senml.parse([Request(device, _bytes(pack), NOW) for pack in packs])


def _bytes(pack: object) -> bytes:
    return pack if isinstance(pack, bytes) else json.dumps(pack).encode()


def rows(points: Points) -> list[tuple[str, str, float, float]]:
    return [
        (points.devices[d], points.metrics[m], t / 1e6, v)
        for d, m, t, v in zip(
            points.device.tolist(), points.metric.tolist(), points.time.tolist(),
            points.value.tolist(), strict=True,
        )
    ]  # fmt: skip


def test_single_data_point_of_rfc_8428_5_1_1() -> None:
    points = parse([{"n": "urn:dev:ow:10e2073a01080063", "u": "Cel", "v": 23.1}])
    assert rows(points) == [("urn:dev:ow", "10e2073a01080063", NOW / 1e6, 23.1)]


def test_multiple_data_points_of_rfc_8428_5_1_2() -> None:
    points = parse(
        [
            {"bn": "urn:dev:ow:10e2073a01080063:", "n": "voltage", "u": "V", "v": 120.1},
            {"n": "current", "u": "A", "v": 1.2},
        ]
    )
    device = "urn:dev:ow:10e2073a01080063"
    assert rows(points) == [
        (device, "voltage", NOW / 1e6, 120.1),
        (device, "current", NOW / 1e6, 1.2),
    ]


def test_base_time_and_relative_times_of_rfc_8428_5_1_2() -> None:
    points = parse(
        [
            {"bn": "urn:dev:ow:10e2073a0108006:", "bt": 1.276020076001e9, "bu": "A", "bver": 5,
             "n": "voltage", "u": "V", "v": 120.1},
            {"n": "current", "t": -5, "v": 1.2},
            {"n": "current", "t": -4, "v": 1.3},
            {"n": "current", "v": 1.7},
        ]
    )  # fmt: skip
    assert [(m, t, v) for _, m, t, v in rows(points)] == [
        ("voltage", 1276020076.001, 120.1),
        ("current", 1276020071.001, 1.2),
        ("current", 1276020072.001, 1.3),
        ("current", 1276020076.001, 1.7),
    ]


def test_a_time_below_two_to_the_28_counts_from_now() -> None:
    points = parse([{"n": "a/b", "t": -60, "v": 1}, {"n": "a/b", "t": 268435456, "v": 1}])
    assert [t for *_, t, _ in rows(points)] == [NOW / 1e6 - 60, 268435456.0]


def test_multiple_data_types_of_rfc_8428_5_1_4_keep_what_is_no_number_unread() -> None:
    points = parse(
        [
            {"bn": "urn:dev:ow:10e2073a01080063:", "n": "temp", "u": "Cel", "v": 23.1},
            {"n": "label", "vs": "Machine Room"},
            {"n": "open", "vb": False},
            {"n": "nfc-reader", "vd": "aGkgCg"},
        ]
    )
    assert [(m, v) for _, m, _, v in rows(points)] == [("temp", 23.1), ("open", 0.0)]
    assert [unread.number for unread in points.unread] == [2, 4]


def test_base_value_is_added() -> None:
    points = parse([{"bn": "d/", "bv": 20, "n": "t", "v": 1.5}, {"n": "t", "v": -1}])
    assert points.value.tolist() == [21.5, 19.0]


def test_bases_alone_are_no_reading_and_a_record_without_value_is_unread() -> None:
    points = parse([{"bn": "d/", "bt": 1.6e9}, {"n": "t", "v": 1}, {"n": "t"}])
    assert rows(points) == [("d", "t", 1.6e9, 1.0)]
    assert points.unread[0].reason.code == "required"


def test_a_field_that_must_be_understood_is_refused() -> None:
    points = parse([{"n": "a/b", "v": 1, "secret_": 2}, {"n": "a/c", "v": 2}])
    assert [m for _, m, *_ in rows(points)] == ["c"]
    assert len(points.unread) == 1


def test_the_topic_names_the_device_and_status_is_honoured() -> None:
    points = parse(
        [{"n": "pm25", "v": 9, "status": "fault"}, {"n": "pm10", "v": 12}], device="AQ-01"
    )
    assert [(d, m) for d, m, *_ in rows(points)] == [("AQ-01", "pm25"), ("AQ-01", "pm10")]
    assert points.status.tolist() == [2, 0]


def test_a_status_record_holds_for_the_whole_pack_of_its_device() -> None:
    points = parse([{"n": "pm25", "v": 9}, {"n": "status", "vs": "calibrating"}], device="AQ-01")
    assert points.status.tolist() == [1]
    assert not points.unread


@pytest.mark.parametrize(
    "body", [b"", b"\x00", b"\xff\xfe", b"{", b"[1]", b"7", b'"a"', b"[[]]", b"null", b"[null]"]
)
def test_garbage_is_left_unread_and_the_neighbours_live(body: bytes) -> None:
    points = parse([{"n": "a/b", "v": 1}], body, [{"n": "a/b", "v": 2}])
    assert points.value.tolist() == [1.0, 2.0]
    assert len(points.unread) == 1
    assert "\x00" not in points.unread[0].text


JSONS = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["n", "v", "t", "bn", "bt", "bv", "vs", "vb", "u", "s", "status", "x_", ""])
        | st.text(), inner
    ),
)  # fmt: skip


@given(st.lists(st.binary() | JSONS.map(lambda j: json.dumps(j).encode()), max_size=5))
def test_nothing_that_arrives_stops_the_parser(bodies: list[bytes]) -> None:
    points = senml.parse([Request("", body, NOW) for body in bodies])
    assert len(points) == len(points.value) == len(points.request) == len(points.number)
    assert np.all(points.device < max(len(points.devices), 1))


NAMES = st.sampled_from(["pm25", "d:pm10", "x/y", "a:b:c"])
RECORDS = st.fixed_dictionaries(
    {"n": NAMES, "v": st.floats(-1e9, 1e9)},
    optional={"bn": st.sampled_from(["", "q:", "r/s/"]), "bt": st.integers(1, 2 * 10**9),
              "t": st.integers(-100, 2 * 10**9), "bv": st.integers(-5, 5)},
)  # fmt: skip


@given(st.lists(st.lists(RECORDS, min_size=1, max_size=6), max_size=4))
def test_packs_read_like_the_rfc_resolves_them(packs: list[list[dict[str, object]]]) -> None:
    expected = [row for pack in packs for row in _resolved(pack)]
    found = rows(parse(*packs, device="D"))
    assert [(m, v) for _, m, _, v in found] == [(m, v) for m, _, v in expected]
    assert [t for *_, t, _ in found] == pytest.approx([t for _, t, _ in expected], abs=1e-5)


def _resolved(pack: list[dict[str, object]]) -> list[tuple[str, float, float]]:
    bn, bt, bv, out = "", 0.0, 0.0, []
    for record in pack:
        bn, bt, bv = record.get("bn", bn), record.get("bt", bt), record.get("bv", bv)
        time = record.get("t", 0) + bt
        name = (bn + record["n"]).replace("/", ":").rsplit(":", 1)[-1]
        out.append((name, time if abs(time) >= 2**28 else NOW / 1e6 + time, record["v"] + bv))
    return out
