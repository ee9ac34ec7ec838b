"""Asking Spark: the files of one snapshot, the statement in its words, a process that answers."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from haidang.data.warehouse import errors, rules
from haidang.data.warehouse.engine import checking, expressions, selecting, snapshots, still, store
from haidang.data.warehouse.engine.spark import translating

if TYPE_CHECKING:
    import pyarrow as pa

Days = tuple[date, date] | None
_ANY = (date(2026, 1, 1), date(2026, 2, 1))  # to judge a statement by period without one
_LOOK = 0.2  # seconds between two looks at the process
# What the process may know of our surroundings.
_KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "JAVA_HOME",
    "SPARK_CONF_DIR",
    "HADOOP_CONF_DIR",
    "LD_LIBRARY_PATH",
)


def write(
    statement: checking.Statement,
    inputs: Sequence[selecting.Input],
    days: Days,
    to: Path,
    *,
    seconds: float,
    most: int | None = None,
    seen: Callable[[int], None] = lambda rows: None,
) -> int:
    """Run a statement on Spark, write its rows as an Arrow file, return how many.

    Columns have the types that the lake's own engine gives them. `seen` may raise.
    Raises BadQueryError, TooSlowError, LakeUnavailableError.
    """
    return write_all([(statement, to)], inputs, days, seconds=seconds, most=most, seen=seen)[0]


def write_all(
    asked: Sequence[tuple[checking.Statement, Path]],
    inputs: Sequence[selecting.Input],
    days: Days,
    *,
    seconds: float,
    most: int | None = None,
    seen: Callable[[int], None] = lambda rows: None,
) -> list[int]:
    """Run several statements over one snapshot."""
    require()
    told = [(translating.spark_sql(one, days), to) for one, to in asked]
    schemas = [selecting.schema_of(one, inputs, days, seconds) for one, _ in asked]
    used = [one for one in inputs if any(one.name in said.tables for said, _ in asked)]
    with still.files_kept(), _folder() as folder:
        named = snapshots.tables(name for one in used for name in one.info.tables)
        files = [_at_hand(one, folder) for one in named] if store.is_far() else named
        plan = _plan(used, files, told, most, folder)
        _run(plan, folder, seconds, seen)
    return [_fit(to, schema) for (_, to), schema in zip(asked, schemas, strict=True)]


def require(statement: checking.Statement | None = None, days: Days = None) -> None:
    """Raise LakeUnavailableError with what to do where Spark cannot be asked from here.

    Raises BadQueryError for a statement that it would answer otherwise.
    """
    if importlib.util.find_spec("pyspark") is None:
        raise errors.LakeUnavailableError(
            "Chưa cài Spark: cài gói bổ sung bằng `pip install 'haidang[spark]'`, rồi chạy lại; "
            "hoặc dùng --engine duckdb."
        )
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise errors.LakeUnavailableError(
            "Spark cần Java 17 trên máy này: cài openjdk-17-jre-headless hoặc đặt JAVA_HOME."
        )
    if store.is_far() and not settings.SPARK_MASTER.startswith("local"):
        raise errors.LakeUnavailableError(
            "Cụm Spark chưa đọc được kho tệp trên S3: đặt HAIDANG_SPARK_MASTER=local[*] để Spark "
            "chạy trên máy này, hoặc dùng --engine duckdb."
        )
    if statement is not None:
        translating.spark_sql(statement, days or _ANY)


def _at_hand(found: snapshots.TableFiles, folder: Path) -> snapshots.TableFiles:
    """Fetch a table's files of a bucket, under their own names: Spark has no package to read it."""
    below = folder / "files" / found.name
    below.mkdir(parents=True)
    places = {one: below / Path(one).name for one in (*found.data, *found.deletes)}
    for one, place in places.items():
        store.here().fetch(store.name_of(one), place)
    data, deletes = (tuple(str(places[one]) for one in of) for of in (found.data, found.deletes))
    return snapshots.TableFiles(found.name, data, deletes)


def _plan(
    inputs: Sequence[selecting.Input],
    files: list[snapshots.TableFiles],
    told: list[tuple[str, Path]],
    most: int | None,
    folder: Path,
) -> dict[str, Any]:
    columns = {name: kinds for one in inputs for name, kinds in _columns(one.info).items()}
    return {
        "master": settings.SPARK_MASTER,
        "settings": _settings(folder),
        "tables": [_table(one, columns[one.name]) for one in files],
        "views": [{"name": one.name, "sql": _newest(one)} for one in inputs],
        "questions": [{"sql": sql, "to": str(to), "most": most} for sql, to in told],
    }


def _settings(folder: Path) -> dict[str, str]:
    own = {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": (folder / "warehouse").as_uri(),
        "spark.local.dir": str(folder / "local"),
    }
    if settings.SPARK_MASTER.startswith("local"):
        own |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return own | dict(one.split("=", 1) for one in settings.SPARK_SETTINGS)


def _columns(info: rules.TableInfo) -> dict[str, list[tuple[str, str]]]:
    kinds = [(name, snapshots.OF_CONTRACT[kind]) for name, kind in info.columns]
    marks = [("_batch", "bigint"), ("_row", "bigint")]
    repeated = [("_of_batch", "bigint"), ("_of_row", "bigint")]
    keys = [one for one in kinds if one[0] in info.key]
    whole = [*kinds, *marks]
    return {info.table: whole, info.revisions: whole, info.repeats: [*keys, *marks, *repeated]}


def _table(found: snapshots.TableFiles, columns: list[tuple[str, str]]) -> dict[str, Any]:
    held = [(sorted(snapshots.physical(path).items()), path) for path in found.data]
    groups = [
        {
            "types": {name: kind for name, kind in types if name in dict(columns)},
            "files": [f"file://{path}" for _, path in part],
        }
        for types, part in groupby(sorted(held), key=lambda one: one[0])
    ]
    return {
        "name": expressions.bare_name(found.name),
        "columns": columns,
        "groups": groups,
        "deletes": [f"file://{path}" for path in found.deletes],
    }


def _newest(one: selecting.Input) -> str:
    import ibis

    found = expressions.newest_rows(one.info, one.hidden).select(*one.names)
    return str(ibis.pyspark.compile(expressions.bare(found)))


@contextmanager
def _folder() -> Iterator[Path]:
    parent = Path(settings.DATA_DIR) / "tmp"
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="spark-", dir=parent) as folder:
        yield Path(folder)


def _run(plan: dict[str, Any], folder: Path, seconds: float, seen: Callable[[int], None]) -> None:
    with (folder / "said").open("w+b") as said, (folder / "log").open("w+b") as log:
        process = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).with_name("child.py"))],
            stdin=subprocess.PIPE, stdout=said, stderr=log, start_new_session=True,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
        )  # fmt: skip
        try:
            assert process.stdin is not None
            with process.stdin as opened:
                opened.write(json.dumps(plan).encode())
            _wait(process, seconds, seen)
        finally:
            _end(process)
        said.seek(0)
        _require_done(said.read())


def _wait(process: "subprocess.Popen[bytes]", seconds: float, seen: Callable[[int], None]) -> None:
    until = time.monotonic() + seconds
    while process.poll() is None:
        if time.monotonic() > until:
            raise errors.TooSlowError
        seen(0)
        time.sleep(_LOOK)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process and the virtual machines that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _require_done(said: bytes) -> None:
    try:
        answer = json.loads(said)
    except ValueError:
        raise errors.LakeUnavailableError("Spark dừng giữa chừng; chạy lại được.") from None
    if not answer["is_done"]:
        first = answer["message"].strip().partition("\n")[0][:400]
        raise errors.BadQueryError(f"Spark chưa chạy được câu lệnh: {first}")


def _fit(to: Path, schema: "pa.Schema") -> int:
    """Give a written file the types that the lake's own engine has for its columns."""
    import pyarrow as pa

    with pa.memory_map(str(to)) as source:
        rows = pa.ipc.open_file(source).read_all()
    fitted = rows.rename_columns(schema.names).cast(schema)
    aside = to.with_suffix(".fit")
    with pa.OSFile(str(aside), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        writer.write_table(fitted)
    aside.replace(to)
    return int(fitted.num_rows)
