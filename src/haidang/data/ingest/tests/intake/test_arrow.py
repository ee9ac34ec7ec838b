"""Arrow streams: both shapes, what is empty, and what is refused with its mend."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from haidang.data.ingest.intake.formats import arrow, lines
from haidang.data.ingest.intake.points import FARTHEST, Points, Request

NOW = 1_700_000_000_000_000
MOMENT = datetime(2026, 11, 1, tzinfo=UTC)
MICROS = 1_793_491_200_000_000
TIME = pa.timestamp("us", "UTC")


def stream(table: pa.Table, **options: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as out:
        out.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def a_table(**columns: Any) -> pa.Table:
    given = {"device": ["a", "b"], "time": pa.array([MOMENT, MOMENT], TIME), **columns}
    return pa.table({name: one for name, one in given.items() if one is not None})


def parse(*bodies: bytes) -> Points:
    return arrow.parse([Request("", body, NOW) for body in bodies])


def rows(points: Points) -> list[tuple[str, str, int, float, int]]:
    return [
        (points.devices[d], points.metrics[m], t, v, s)
        for d, m, t, v, s in zip(
            points.device.tolist(), points.metric.tolist(), points.time.tolist(),
            points.value.tolist(), points.status.tolist(), strict=True,
        )
    ]  # fmt: skip


def test_a_column_per_metric_leaves_out_what_was_not_measured() -> None:
    body = stream(
        a_table(pm25=[1.5, None], so2=pa.array([7, 8], pa.int32()), status=["fault", None])
    )
    arrow.checked(pa.py_buffer(body))
    assert rows(parse(body)) == [
        ("a", "pm25", MICROS, 1.5, 2),
        ("a", "so2", MICROS, 7.0, 2),
        ("b", "so2", MICROS, 8.0, 0),
    ]


def test_metric_and_value_in_rows_of_several_requests() -> None:
    one = a_table(metric=pa.array(["pm25", "pm10"]).dictionary_encode(), value=[1.0, None])
    other = a_table(
        device=["c", None],
        time=pa.array([MOMENT, None], pa.timestamp("ns", "UTC")),
        metric=["pm25", "x"],
        value=[2.0, 3.0],
        status=["sai", "measuring"],
    )
    points = parse(stream(one), stream(other))
    found = rows(points)
    assert found[0] == ("a", "pm25", MICROS, 1.0, 0)
    assert np.isnan(found[1][3])
    assert found[2:] == [("c", "pm25", MICROS, 2.0, 255), ("", "x", FARTHEST, 3.0, 0)]
    assert points.request.tolist() == [0, 0, 1, 1]
    assert points.number.tolist() == [1, 2, 1, 2]


def test_the_same_readings_as_lines() -> None:
    chance = np.random.default_rng(1).uniform(0, 100, (50, 3)).round(2)
    devices = [f"d{n % 7}" for n in range(50)]
    body = stream(
        a_table(device=devices, time=pa.array([MOMENT] * 50, TIME),
                **{f"f{n}": chance[:, n] for n in range(3)})
    )  # fmt: skip
    text = "\n".join(
        f"m,device={device} " + ",".join(f"f{n}={v}" for n, v in enumerate(row)) + f" {MICROS}000"
        for device, row in zip(devices, chance.tolist(), strict=True)
    )
    assert rows(parse(body)) == rows(lines.parse([Request("", text.encode(), NOW)]))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"khong phai arrow", "Không đọc được"),
        (stream(a_table(v=[1.0, 2.0]))[:-40], "Không đọc được"),
        (stream(a_table(v=[1.0, 2.0]), compression="zstd"), "nén"),
        (stream(a_table(v=pa.array(["x", "y"])), compression=None), "“v” phải là số"),
        (stream(a_table(device=None, v=[1.0, 2.0])), "thiếu cột “device”"),
        (stream(a_table(device=[1, 2], v=[1.0, 2.0])), "“device” phải là văn bản"),
        (stream(a_table(time=[1, 2], v=[1.0, 2.0])), "múi giờ"),
        (stream(a_table(time=pa.array([10**17] * 2, pa.timestamp("s", "UTC")))), "Không đọc được"),
        (stream(a_table(metric=["a", "b"])), "đi cùng nhau"),
        (stream(a_table(metric=["a", "b"], value=[1.0, 2.0], x=[1.0, 2.0])), "không có cột"),
    ],
)
def test_what_is_no_stream_of_readings_is_refused_with_the_mend(body: bytes, said: str) -> None:
    with pytest.raises(arrow.ArrowError, match=said):
        arrow.checked(pa.py_buffer(body))


def test_dictionaries_that_are_compressed_are_refused_too() -> None:
    coded = pa.array(["a" * 5000, "b" * 5000]).dictionary_encode()
    with pytest.raises(arrow.ArrowError, match="nén"):
        arrow.checked(pa.py_buffer(stream(a_table(device=coded, v=[1.0, 2.0]), compression="lz4")))
