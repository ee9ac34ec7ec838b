"""`haidang query`: a question to the lake from the machine that it runs on.

It is an administrator's command: it sees every unit's newest approved rows, and never a column of
personal data, which nobody could note who had seen.
"""

import importlib
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from haidang.data.catalogue import api as catalogue
from haidang.data.pipelines import api as pipelines
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.project import loading

Days = tuple[date, date] | None
_LINES = 200  # shown on a terminal
_WIDE = 40  # letters of a cell there


@dataclass(frozen=True)
class Asked:
    """A question: a SELECT, `pipeline:code` or `ibis:module:function`, and how it is answered."""

    text: str
    engine: str = "duckdb"
    inputs: Sequence[str] = ()
    as_known: datetime | None = None
    days: Days = None
    seconds: float = 900.0


def query(asked: Asked, form: str, output: Path | None) -> int:
    """Answer on the terminal or into a file; return 0, or 1 with one sentence."""

    def answered() -> str:
        with tempfile.TemporaryDirectory(prefix="haidang-query-") as folder:
            rows = answer(asked, Path(folder) / "rows.arrow")
            if output is not None:
                with output.open("wb") as opened:
                    _WRITERS[form](rows, opened)
                return f"{rows.num_rows} dòng → {output}\n"
            _WRITERS[form](rows, sys.stdout.buffer)
        return ""

    return loading.said(answered)


def answer(asked: Asked, to: Path) -> pa.Table:
    """Return the rows, mapped from an Arrow file that this writes.

    Raises BadQueryError, TooSlowError, LakeUnavailableError, UnknownPipelineError.
    """
    text, names = _statement(asked)
    statement = warehouse.check_select(text, list(names))
    used = [code for name, code in names.items() if name in statement.tables]
    inputs = [
        warehouse.select_input(code, as_known_on=asked.as_known, without=warehouse.withheld(code))
        for code in used
    ]
    write = warehouse.write_select
    if asked.engine == "spark":
        write = warehouse.write_select_on_spark
    write(statement, inputs, asked.days, to, seconds=asked.seconds)
    return pa.ipc.open_file(pa.memory_map(str(to))).read_all()


def _statement(asked: Asked) -> tuple[str, Mapping[str, str]]:
    """Return the text of a question, and the codes of the datasets that it may name."""
    kind, _, rest = asked.text.partition(":")
    if kind == "pipeline":
        text, inputs = pipelines.statement_in_use(rest)
        return text, _named(inputs)
    if kind == "ibis":
        return pipelines.text_of(_function(rest), inputs=asked.inputs).sql, _named(asked.inputs)
    return asked.text, _named([one.code for one in catalogue.datasets(access.EVERYTHING)])


def _named(codes: Sequence[str]) -> dict[str, str]:
    return {warehouse.input_name(code): code for code in codes}


def _function(name: str) -> Any:
    module, _, function = name.partition(":")
    try:
        return getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise warehouse.BadQueryError(
            f"Không có biểu thức “{name}”: ghi ibis:gói.mô_đun:hàm."
        ) from error


def _write_csv(rows: pa.Table, to: BinaryIO) -> None:
    import pyarrow.csv as pc

    pc.write_csv(rows, to)


def _write_parquet(rows: pa.Table, to: BinaryIO) -> None:
    import pyarrow.parquet as pq

    pq.write_table(rows, to, compression="zstd")


def _write_json(rows: pa.Table, to: BinaryIO) -> None:
    import orjson

    for batch in rows.to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            to.write(orjson.dumps(row, default=str) + b"\n")


def _write_table(rows: pa.Table, to: BinaryIO) -> None:
    shown = [rows.column_names, *(map(_cell, one.values()) for one in rows[:_LINES].to_pylist())]
    lines = [list(one) for one in shown]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        to.write("  ".join(cells).rstrip().encode() + b"\n")
    more = f"; {_LINES} dòng đầu ở trên" if rows.num_rows > _LINES else ""
    to.write(f"({rows.num_rows} dòng{more})\n".encode())


def _cell(value: object) -> str:
    text = "–" if value is None else str(value).replace("\n", " ")
    return text if len(text) <= _WIDE else f"{text[: _WIDE - 1]}…"


_WRITERS = {
    "table": _write_table,
    "csv": _write_csv,
    "json": _write_json,
    "parquet": _write_parquet,
}
