"""The good rows of a file on disk, in parts that are compared and landed one after the other.

All rows of a key lie in one part, so that what a part says of its keys the whole file says; and
memory holds a part, never the file.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

LINE = "__line"
PART_BYTES = 8 << 20  # of the file
MOST_PARTS = 64  # each is an open file


class Spool:
    """Rows by part; `rewrite` puts a part's other rows in its place."""

    def __init__(self, folder: Path, schema: pa.Schema, keys: Sequence[str], parts: int) -> None:
        self.schema = schema.append(pa.field(LINE, pa.int64()))
        self.num_rows = 0
        self.at: Callable[[int], None] = lambda part: None  # hears which part is read
        self._keys = keys
        self._paths = [folder / f"part-{number}" for number in range(parts if keys else 1)]
        self._writers = [pa.ipc.new_file(str(path), self.schema) for path in self._paths]

    def __len__(self) -> int:
        return len(self._paths)

    def write(self, table: pa.Table) -> None:
        """Put checked rows into their parts."""
        table = table.cast(self.schema)
        self.num_rows += table.num_rows
        if len(self) == 1:
            self._writers[0].write_table(table)
            return
        places = _hashed(table, self._keys) % len(self)
        order = np.argsort(places, kind="stable")
        ends = np.cumsum(np.bincount(places, minlength=len(self))).tolist()
        table = table.take(order)
        for writer, start, end in zip(self._writers, [0, *ends], ends, strict=False):
            if start < end:
                writer.write_table(table.slice(start, end - start))

    def finish(self) -> None:
        """End writing; parts can be read from now on."""
        for writer in self._writers:
            writer.close()

    def parts(self) -> Iterator[pa.Table]:
        """Yield each part's rows."""
        for number, path in enumerate(self._paths):
            self.at(number)
            yield pa.ipc.open_file(pa.memory_map(str(path))).read_all()

    def rewrite(self, number: int, part: pa.Table, table: pa.Table) -> None:
        """Put other rows in the place of a part's."""
        self.num_rows += table.num_rows - part.num_rows
        path = self._paths[number].with_suffix(".new")
        with pa.ipc.new_file(str(path), self.schema) as writer:
            writer.write_table(table.cast(self.schema))
        self._paths[number] = path

    def __iter__(self) -> Iterator[tuple[pa.Table, pa.Array]]:
        """Yield each part's rows and their lines, as the commit door takes them."""
        for part in self.parts():
            yield part.drop_columns([LINE]), part.column(LINE).combine_chunks()


def parts_of(size: int) -> int:
    """Return into how many parts the rows of a file of so many bytes go."""
    return max(1, min(MOST_PARTS, -(-size // PART_BYTES)))


def _hashed(table: pa.Table, keys: Sequence[str]) -> NDArray[np.int64]:
    columns = [_plain(table.column(key)) for key in keys]
    found = map(hash, zip(*columns, strict=True))
    return np.fromiter(found, np.int64, table.num_rows)


def _plain(column: pa.ChunkedArray) -> list[Any]:
    kinds = {"date32[day]": pa.int32(), "timestamp[us, tz=UTC]": pa.int64()}
    kind = kinds.get(str(column.type))
    values: list[Any] = (column.cast(kind) if kind is not None else column).to_pylist()
    return values
