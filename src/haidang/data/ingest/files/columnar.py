"""Text tables at the speed of columns: blocks of rows that Arrow parts as Python's reader would.

`delimited` says what the cells of a row are. A block for which Arrow surely says the same is given
to Arrow; any other (rows of another width, very long cells) is parted by `delimited`. After a quote
amid a cell, or a lone carriage return, nobody but its reader knows where rows end, so that the rest
of the file is read by it.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow
from numpy.typing import NDArray

from haidang.data.ingest.files import bounds, delimited
from haidang.data.ingest.rules.chunk import Lines

_CHARACTERS = 1 << 21
_LONGEST = 16 * _CHARACTERS  # of one row, until it counts as a quote that never closes
_QUOTE, _NEWLINE = ord('"'), ord("\n")

Parted = Callable[[Iterator[delimited.Row]], Iterator[Lines]]


@dataclass(frozen=True)
class Table:
    """How a file is parted: its letters, its delimiter, its width, and its first row's line."""

    path: Path
    codec: str
    delimiter: str
    width: int
    first: int
    slowly: Parted
    """Makes chunks of what `delimited` read."""


def lines(table: Table, tell: Callable[[int], None]) -> Iterator[Lines]:
    """Yield the rows from the first line on that are not blank; `tell` hears the bytes read."""
    with (
        table.path.open("rb") as raw,
        open(raw.fileno(), encoding=table.codec, newline="", closefd=False) as text,
    ):
        line = 1
        for block, rest in _blocks(text):
            tell(raw.tell())
            found = _Block(table, block, line)
            if not block or not found.is_regular:
                for chunk in _slowly(table, _onwards(block + rest, text), line):
                    tell(raw.tell())
                    yield chunk
                return
            yield from found.lines()
            line += found.newlines.size


def _blocks(text: TextIO) -> Iterator[tuple[str, str]]:
    """Yield text up to where a row may end (an even number of quotes before it), and what is left.

    The first is empty where no row seems to end.
    """
    rest = ""
    while more := text.read(_CHARACTERS):
        whole = rest + more
        cut = _row_end(whole)
        rest = whole[cut:]
        if cut or len(rest) > _LONGEST:
            yield whole[:cut], rest
    if rest:
        yield rest, ""


def _row_end(text: str) -> int:
    """Return the place after the last newline that does not stand between quotes; 0 for none."""
    cut = text.rfind("\n") + 1
    quotes = text.count('"', 0, cut)
    while cut and quotes % 2:
        quote = text.rfind('"', 0, cut)
        before = text.rfind("\n", 0, quote) + 1
        quotes -= text.count('"', before, cut)
        cut = before
    return cut


def _onwards(begun: str, text: TextIO) -> Iterable[str]:
    yield from io.StringIO(begun + text.readline(), newline="")
    yield from text


def _slowly(table: Table, text: Iterable[str], line: int) -> Iterator[Lines]:
    found = delimited.parted(text, table.delimiter, line)
    return table.slowly(row for row in found if row[0] >= table.first)


@dataclass(frozen=True)
class _Block:
    table: Table
    text: str
    line: int

    @cached_property
    def content(self) -> bytes:
        return self.text.encode()

    @cached_property
    def bytes(self) -> NDArray[np.uint8]:
        return np.frombuffer(self.content, np.uint8)

    @cached_property
    def newlines(self) -> NDArray[np.int64]:
        return np.flatnonzero(self.bytes == _NEWLINE)

    @cached_property
    def quotes(self) -> NDArray[np.int64]:
        return np.flatnonzero(self.bytes == _QUOTE) if '"' in self.text else np.empty(0, np.int64)

    @cached_property
    def is_regular(self) -> bool:
        """Lines end one way, and every quote opens or closes a cell, or is one of two within."""
        if self.text.count("\r") != self.text.count("\r\n"):
            return False
        if not self.quotes.size:
            return True
        if self.quotes.size % 2:
            return False
        beside = np.concatenate([[_NEWLINE], self.bytes, [_NEWLINE]])
        edges = [ord(self.table.delimiter), _NEWLINE, _QUOTE]
        before, after = beside[self.quotes[::2]], beside[self.quotes[1::2] + 2]
        return bool(np.isin(before, edges).all() and np.isin(after, [*edges, ord("\r")]).all())

    def lines(self) -> Iterator[Lines]:
        found = self._columns() if self._is_plain() else None
        if found is None:
            return _slowly(self.table, io.StringIO(self.text, newline=""), self.line)
        return self._chunk(*found)

    def _is_plain(self) -> bool:
        """Tell whether only Arrow's own rules for rows and cells are needed."""
        if self.text.startswith("\ufeff") or (self._is_spaced and self.quotes.size):
            return False
        return bool(np.diff(self._ends, prepend=0).max(initial=0) <= bounds.CELL_CHARACTERS)

    @cached_property
    def _is_spaced(self) -> bool:
        """Some cell may begin with spaces, which do not count."""
        starts = (f"{self.table.delimiter} ", "\n ")
        return self.text.startswith(" ") or any(one in self.text for one in starts)

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        """Places after each row."""
        ends = self.newlines + 1
        if self.quotes.size:
            ends = ends[np.searchsorted(self.quotes, ends) % 2 == 0]
        last = len(self.content)
        return ends if ends.size and ends[-1] == last else np.append(ends, last)

    def _columns(self) -> tuple[pa.Array, list[pa.Array]] | None:
        """Return the line and the cells of every row; None for rows of different widths."""
        starts = np.concatenate([[0], self._ends[:-1]])
        is_blank = self._blank(starts)
        if is_blank.all():
            return pa.array([], pa.int64()), [pa.array([], pa.string())] * self.table.width
        columns = self._parted()
        if columns is None or len(columns[0]) != int((~is_blank).sum()):
            return None
        places = np.searchsorted(self.newlines, starts[~is_blank])
        return pa.array(places + self.line), columns

    def _blank(self, starts: NDArray[np.int64]) -> NDArray[np.bool_]:
        length = self._ends - starts
        first = self.bytes[starts]
        blank: NDArray[np.bool_] = (first == _NEWLINE) | ((first == ord("\r")) & (length <= 2))
        return blank

    def _parted(self) -> list[pa.Array] | None:
        names = [str(place) for place in range(self.table.width)]
        try:
            found = arrow.read_csv(
                pa.py_buffer(self.content),
                arrow.ReadOptions(
                    use_threads=False, block_size=len(self.content) + 1, column_names=names
                ),
                arrow.ParseOptions(
                    delimiter=self.table.delimiter, newlines_in_values=bool(self.quotes.size)
                ),
                arrow.ConvertOptions(
                    check_utf8=False,
                    column_types=dict.fromkeys(names, pa.string()),
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid:
            return None
        columns = [column.combine_chunks() for column in found.columns]
        return [_bare(column) for column in columns] if self._is_spaced else columns

    def _chunk(self, places: pa.Array, columns: list[pa.Array]) -> Iterator[Lines]:
        keep = np.asarray(places) >= self.table.first
        keep &= ~_empty(columns)
        if not keep.all():
            mask = pa.array(keep)
            places, columns = places.filter(mask), [each.filter(mask) for each in columns]
        for start in range(0, len(places), bounds.ROWS_AT_ONCE):
            part = slice(start, start + bounds.ROWS_AT_ONCE)
            some = [column[part] for column in columns]
            yield Lines(places[part], some, [None] * len(some))


def _bare(column: pa.Array) -> pa.Array:
    return pc.utf8_ltrim(column, characters=" ")


def _empty(columns: list[pa.Array]) -> Any:
    """Return which rows have only empty cells."""
    empty = np.ones(len(columns[0]), dtype=bool)
    for column in columns:
        if not empty.any():
            break
        empty &= pc.equal(pc.binary_length(column), 0).to_numpy(zero_copy_only=False)
    return empty
