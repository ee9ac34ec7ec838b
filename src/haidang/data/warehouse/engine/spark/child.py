"""A process of its own that Spark runs in, so that its virtual machine ends with the question.

Reads one plan (JSON) from its input, writes an Arrow file per question, and says what became of
it on its output. It imports nothing of the platform and holds none of its secrets.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any


def main() -> None:
    plan = json.load(sys.stdin)
    try:
        _answer(plan)
        said: dict[str, Any] = {"is_done": True}
    except Exception as error:  # noqa: BLE001 - told to whoever asked
        said = {"is_done": False, "message": str(error)}
    json.dump(said, sys.stdout)


def _answer(plan: dict[str, Any]) -> None:
    session = _session(plan)
    try:
        for table in plan["tables"]:
            _frame(session, table).createOrReplaceTempView(table["name"])
        for view in plan["views"]:
            session.sql(view["sql"]).createOrReplaceTempView(view["name"])
        for question in plan["questions"]:
            _write(session.sql(question["sql"]), question)
    finally:
        session.stop()


def _session(plan: dict[str, Any]) -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(plan["master"]).appName("haidang")
    for name, value in plan["settings"].items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _frame(session: Any, table: dict[str, Any]) -> Any:
    """Return a table's rows: files by the types they hold, as the types they have now."""
    parts = list(_parts(session, table))
    if not parts:
        return session.createDataFrame([], ", ".join(f"`{n}` {t}" for n, t in table["columns"]))
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.unionByName(part)
    return whole


def _parts(session: Any, table: dict[str, Any]) -> Iterator[Any]:
    from pyspark.sql import functions

    deleted = _deleted(session, table["deletes"])
    for group in table["groups"]:
        schema = ", ".join(f"`{name}` {kind}" for name, kind in group["types"].items())
        found = session.read.schema(schema).parquet(*group["files"])
        if deleted is not None:
            places = found.select(
                "*",
                functions.col("_metadata.file_name").alias("_file"),
                functions.col("_metadata.row_index").alias("_place"),
            )
            found = places.join(deleted, ["_file", "_place"], "left_anti")
        yield found.select(*(_column(name, kind, group) for name, kind in table["columns"]))


def _column(name: str, kind: str, group: dict[str, Any]) -> Any:
    from pyspark.sql import functions

    held = functions.col(f"`{name}`") if name in group["types"] else functions.lit(None)
    return held.cast(kind).alias(name)


def _deleted(session: Any, files: list[str]) -> Any:
    """Return the names of files and the places in them of rows that were deleted."""
    from pyspark.sql import functions

    if not files:
        return None
    named = session.read.schema("file_path string, pos bigint").parquet(*files)
    name = functions.element_at(functions.split("file_path", "/"), -1)
    return functions.broadcast(
        named.select(name.alias("_file"), functions.col("pos").alias("_place"))
    )


def _write(frame: Any, question: dict[str, Any]) -> None:
    import pyarrow as pa

    if question["most"] is not None:
        frame = frame.limit(question["most"])
    rows = frame.toArrow()
    with pa.OSFile(question["to"], "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
        writer.write_table(rows)


if __name__ == "__main__":
    main()
