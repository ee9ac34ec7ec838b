"""Line protocol: escapes, quotes, time units, and the fast way against the slow one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.data.ingest.intake.formats import lines
from haidang.data.ingest.intake.points import Points, Request

NOW = 1_700_000_000_000_000


def parse(*bodies: str | bytes, precision: str = "") -> Points:
    encoded = [body.encode() if isinstance(body, str) else body for body in bodies]
    return lines.parse([Request(precision, body, NOW) for body in encoded])


def rows(points: Points) -> list[tuple[str, str, int, float]]:
    return [
        (points.devices[d], points.metrics[m], t, v)
        for d, m, t, v in zip(
            points.device.tolist(), points.metric.tolist(), points.time.tolist(),
            points.value.tolist(), strict=True,
        )
    ]  # fmt: skip


def test_a_device_tag_makes_fields_metrics() -> None:
    points = parse("air,device=AQ-01,status=fault pm25=12.5,pm10=30i 1600000000000000000")
    assert rows(points) == [
        ("AQ-01", "pm25", 1600000000000000, 12.5),
        ("AQ-01", "pm10", 1600000000000000, 30.0),
    ]
    assert points.status.tolist() == [2, 2]


def test_telegraf_lines_name_host_tags_measurement_and_field() -> None:
    points = parse("cpu,host=may1,cpu=cpu0 usage_idle=98.5,value=3 1600000000000000000")
    assert [(d, m) for d, m, *_ in rows(points)] == [
        ("may1/cpu0", "cpu.usage_idle"),
        ("may1/cpu0", "cpu"),
    ]


@pytest.mark.parametrize(
    ("precision", "time"),
    [("ns", "1600000000123456789"), ("us", "1600000000123456"), ("ms", "1600000000123"),
     ("s", "1600000000")],
)  # fmt: skip
def test_time_units(precision: str, time: str) -> None:
    found = rows(parse(f"m,device=d a=1 {time}", precision=precision))[0][2]
    assert 1600000000000000 <= found <= 1600000000123456


def test_escapes_and_quotes() -> None:
    body = r"my\ air,device=Tr\ \=\,1,note=a\ b p\,m\ 2\=5=1.5,ok=t 1600000000000000000"
    assert rows(parse(body)) == [
        ("Tr =,1", "p,m 2=5", 1600000000000000, 1.5),
        ("Tr =,1", "ok", 1600000000000000, 1.0),
    ]


def test_text_values_leave_their_line_unread_and_the_others_live() -> None:
    points = parse('m,device=d a=1 1600000000000000000\nm,device=d s="x y, z=1 \\" q",a=2 5\n')
    assert [v for *_, v in rows(points)] == [1.0]
    assert (points.unread[0].number, points.unread[0].reason.code) == (2, "type")


def test_a_line_without_time_takes_the_moment_it_came() -> None:
    assert rows(parse("m,device=d a=1"))[0][2] == NOW


def test_comments_empty_lines_and_carriage_returns_are_passed_over() -> None:
    points = parse("# note\r\n\r\nm,device=d a=1 1600000000000000000\r\n  \n#x\n")
    assert len(points) == 1
    assert not points.unread


def test_readings_know_their_request_and_line() -> None:
    points = parse("m,device=d a=1 1", "", "m,device=d a=2 1\nm,device=e b=3,c=4 2")
    assert points.request.tolist() == [0, 2, 2, 2]
    assert points.number.tolist() == [1, 1, 2, 2]
    assert points.text_of(3) == "m,device=e b=3,c=4 2"


GARBAGE = ["m", "m a", "m a=", "m =1", "m,device= a=1", "m,x a=1", ",device=d a=1", "m a=1 x",
           "m a=1 1.5", "m a=0x10", "m a=1_0", "m a=nan", "m a=1 2 3", 'm a="', "m a=1, 5", "\\",
           "m a=1 99999999999999999999999"]  # fmt: skip


@pytest.mark.parametrize("bad", GARBAGE)
def test_a_broken_line_is_left_unread_and_its_neighbours_live(bad: str) -> None:
    points = parse(f"m,device=d a=1 5\n{bad}\nm,device=d a=2 6")
    finite = [v for *_, v in rows(points) if v == v]
    assert finite == [1.0, 2.0]
    assert len(points.unread) + len(points) == 3


@given(st.lists(st.binary(max_size=200), max_size=4))
def test_nothing_that_arrives_stops_the_parser(bodies: list[bytes]) -> None:
    points = parse(*bodies)
    assert len(points.time) == len(points.value) == len(points.request)


@given(st.text('ma=,1 "\\\n#tié.', max_size=120))
def test_near_misses_do_not_stop_the_parser(body: str) -> None:
    parse(body)


NAME = st.sampled_from(["a", "pm25", "value", "x.y"])
NUMBER = st.floats(-1e12, 1e12).map(repr) | st.integers(-(2**53), 2**53).map(lambda n: f"{n}i")
LINE = st.builds(
    lambda tags, fields, time: f"air{tags} {','.join(f'{n}={v}' for n, v in fields)} {time}",
    st.sampled_from(["", ",device=d", ",host=h,cpu=1", ",device=e,status=fault"]),
    st.lists(st.tuples(NAME, NUMBER), min_size=1, max_size=4),
    st.integers(-(2**62), 2**62),
)


@given(st.lists(LINE, min_size=1, max_size=8), st.sampled_from(["ns", "us", "ms", "s"]))
def test_the_columns_way_and_the_line_by_line_way_agree(body: list[str], precision: str) -> None:
    plain = parse("\n".join(body), precision=precision)
    slow = parse("\n".join([*body, r"s\ l,device=d a=1 1"]), precision=precision)
    assert rows(plain) == rows(slow)[:-1]
    assert not plain.unread
    assert plain.number.tolist() == slow.number.tolist()[:-1]
