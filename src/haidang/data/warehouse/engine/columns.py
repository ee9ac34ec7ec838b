"""Columns of the lake as Arrow types, and rows made to fit them."""

from typing import TYPE_CHECKING, Any

from haidang.data.warehouse import errors, rules

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


def schema(info: rules.TableInfo) -> "pa.Schema":
    """Return the Arrow schema of a table with its batch and row columns."""
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "datetime": pa.timestamp("us", "UTC"),
        "year": pa.int32(),
        "yearmonth": pa.string(),
        "unit": pa.string(),
    }
    fields = [pa.field(name, types[kind]) for name, kind in info.columns]
    return pa.schema([*fields, pa.field("_batch", pa.int64()), pa.field("_row", pa.int64())])


def fitted(
    info: rules.TableInfo, batch: int, rows: "pa.Table", numbers: "pa.Array | None"
) -> "pa.Table":
    """Return rows of a batch in the table's own types, numbered. Raises BadRowsError."""
    import numpy as np
    import pyarrow as pa

    target = schema(info)
    count = rows.num_rows
    unknown = set(rows.column_names) - set(info.names)
    if unknown:
        raise errors.BadRowsError(f"Bảng không có cột {', '.join(sorted(unknown))}.")
    arrays = [_column(rows, field) for field in target][:-2]
    arrays.append(pa.repeat(pa.scalar(batch, pa.int64()), count))
    own = np.arange(1, count + 1) if numbers is None else numbers.cast(pa.int64())
    arrays.append(pa.array(own))
    table = pa.Table.from_arrays(arrays, schema=target)
    for name in info.key:
        if table.column(name).null_count:
            raise errors.BadRowsError(f"Cột khóa “{name}” có dòng để trống.")
    return table


def by_series(info: rules.TableInfo, rows: "pa.Table") -> "pa.Table":
    """Return rows sorted by time in the order of their key without the time, then of time.

    So a question about few devices passes over the parts of a file that hold the others.
    """
    import numpy as np

    places = np.zeros(rows.num_rows, dtype=np.int64)
    for name in info.key:
        if name != info.time_field:
            ranks, count = _ranks(rows.column(name))
            places = places * count + ranks
    if not np.any(places[1:] < places[:-1]):
        return rows
    return rows.take(np.argsort(places, kind="stable"))


def _ranks(column: "pa.ChunkedArray") -> tuple["np.ndarray[Any, Any]", int]:
    """Return each value's place among the column's sorted values, and how many these are."""
    import numpy as np
    import pyarrow.compute as pc

    coded = column.combine_chunks().dictionary_encode()
    order = pc.sort_indices(coded.dictionary).to_numpy()
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    return ranks[coded.indices.to_numpy()], max(len(order), 1)


def _column(rows: "pa.Table", field: "pa.Field") -> "pa.ChunkedArray | pa.Array":
    import pyarrow as pa

    if field.name not in rows.column_names:
        return pa.nulls(rows.num_rows, field.type)
    column = rows.column(field.name)
    try:
        return column if column.type == field.type else column.cast(field.type)
    except pa.ArrowInvalid as error:
        raise errors.BadRowsError(f"Cột “{field.name}”: {error}") from error
