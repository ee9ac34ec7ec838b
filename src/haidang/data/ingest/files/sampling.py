"""A sample file read for its own sake: where its heading stands, and its rows as columns."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from haidang.data.ingest.errors import UnreadableFileError
from haidang.data.ingest.files import bounds, opening, peeking
from haidang.data.ingest.rules.chunk import Lines
from haidang.data.ingest.rules.layout import Layout, layout

ROWS = 100_000  # that are looked at; a proposal from so many is as good as from all
_WESTERN = "cp1252"


@dataclass(frozen=True)
class Sample:
    """What a sample says: `peek` is its first rows for a page, the columns are those read."""

    peek: peeking.Peek
    sheet: str
    headings: list[str]
    columns: list[pa.Array]
    plain: list[pa.Array | None]
    encoding: str
    records: str
    notes: tuple[str, ...]

    @property
    def rows(self) -> int:
        return len(self.columns[0]) if self.columns else 0


def read(path: Path, name: str, media: str, sheet: str = "") -> Sample:
    """Read a sample of a table in any form that can be loaded.

    Raises UnreadableFileError and TooLargeError as opening it does.
    """
    if media in peeking.OBJECTS:
        return _of_objects(path, name, media)
    encoding = ""
    try:
        peek = _peeked(path, name, media, encoding, sheet)
    except UnreadableFileError:
        # Western letters are many files' last resort; a person confirms what they see.
        if not _is_western(path):
            raise
        encoding = _WESTERN
        peek = _peeked(path, name, media, encoding, sheet)
    leaf = peek.leaf(sheet)
    first, _ = peeking.headed(leaf, layout({}), lambda heading: False)
    declared = dataclasses.replace(layout({}), header_row=leaf.lines[first], sheet=leaf.name)
    opened = opening.open_sheet(_opening(path, media, encoding, declared))
    columns, plain = _joined(opened.lines, len(opened.headings))
    return Sample(peek, leaf.name, opened.headings, columns, plain, encoding, "", opened.notes)


def _opening(path: Path, media: str, encoding: str, declared: Layout) -> opening.Opening:
    return opening.Opening(
        path=path, media=media, layout=declared, known=lambda heading: False, encoding=encoding
    )


def _peeked(path: Path, name: str, media: str, encoding: str, sheet: str) -> peeking.Peek:
    declared = dataclasses.replace(layout({}), sheet=sheet)
    return peeking.peek(_opening(path, media, encoding, declared), name, bounds.COLUMNS)


def _is_western(path: Path) -> bool:
    with path.open("rb") as opened:
        head = opened.read(1 << 20)
    try:
        text = head.decode(_WESTERN)
    except UnicodeDecodeError:
        return False
    return b"\x00" not in head and sum(not one.isascii() for one in text) < 0.02 * len(text)


def _of_objects(path: Path, name: str, media: str) -> Sample:
    records = peeking.records_of(path, media)
    declared = dataclasses.replace(layout({}), records=records)
    opened = opening.open_sheet(_opening(path, media, "", declared))
    columns, plain = _joined(opened.lines, len(opened.headings))
    if not columns:
        raise UnreadableFileError(peeking.NO_OBJECTS)
    leaf = peeking.named(opened.headings, columns, plain, min(len(columns[0]), peeking.ROWS))
    peek = peeking.Peek(name, peeking.form_of(media), "", "", [leaf], records)
    return Sample(peek, "", opened.headings, columns, plain, "", records, opened.notes)


def _joined(lines: Iterator[Lines], width: int) -> tuple[list[pa.Array], list[pa.Array | None]]:
    """Return the columns of the first rows, and which of their cells a program wrote as numbers."""
    parts: list[Lines] = []
    count = 0
    for one in lines:
        parts.append(one)
        count += len(one.rows)
        if count >= ROWS:
            break
    if not count:
        raise UnreadableFileError("Tệp không có dòng số liệu nào dưới dòng tiêu đề.")
    columns = [_one([part.columns[at] for part in parts]) for at in range(width)]
    return columns, [_marks(parts, at) for at in range(width)]


def _one(parts: Sequence[pa.Array]) -> pa.Array:
    return pa.concat_arrays([part.cast(pa.string()) for part in parts])


def _marks(parts: Sequence[Lines], at: int) -> pa.Array | None:
    if all(part.plain[at] is None for part in parts):
        return None
    whole = [
        pa.repeat(pa.scalar(False), len(part.rows)) if part.plain[at] is None else part.plain[at]
        for part in parts
    ]
    return pa.concat_arrays(whole)
