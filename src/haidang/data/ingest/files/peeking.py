"""The first rows of each sheet of a sample file, as plain data that a page can carry.

What a person sees before the columns of a source are declared; the file itself is not kept.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from haidang.data.ingest.errors import UnreadableFileError
from haidang.data.ingest.files import (
    delimited,
    elements,
    encodings,
    header,
    objects,
    opening,
    trees,
    workbook,
)
from haidang.data.ingest.rules.chunk import Lines
from haidang.data.ingest.rules.layout import Layout

ROWS = 60
OBJECTS = {"json", "ndjson", "ngsi", "xml"}
NO_OBJECTS = "Tệp không có đối tượng nào để làm dòng số liệu."
_SHEETS = 8
_WIDE = 0.6  # of the widest row
CELL = 300  # characters of a cell that are carried
_COLUMNS = 200
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Leaf:
    """The first rows of one sheet: line numbers, cells as text, and which cells were numbers.

    `deep` says for each row how many lines a heading that begins there takes.
    """

    name: str
    lines: list[int]
    cells: list[list[str]]
    plain: list[list[bool]]
    deep: list[int]

    @property
    def is_named(self) -> bool:
        """Say whether the rows are objects, whose names stand as line 0 above them."""
        return self.lines[:1] == [0]


@dataclass(frozen=True)
class Peek:
    """What was found in a sample: a leaf for each visible sheet.

    `form` is "csv", "xlsx", "json" or "xml"; `records` names the lists whose objects are the rows.
    """

    name: str
    form: str
    encoding: str
    delimiter: str
    leaves: list[Leaf]
    records: str = ""

    def leaf(self, sheet: str = "") -> Leaf:
        """Return the named sheet, else the first. Raises UnreadableFileError."""
        found = [one for one in self.leaves if not sheet or one.name == sheet]
        if not found:
            raise UnreadableFileError(f"Tệp mẫu không có trang “{sheet}”.")
        return found[0]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(said: dict[str, Any]) -> Peek:
    """Return what `as_json` gave."""
    return Peek(**(said | {"leaves": [Leaf(**one) for one in said["leaves"]]}))


def peek(what: opening.Opening, name: str, most: int = _COLUMNS) -> Peek:
    """Read the first rows of a table, or objects, of at most so many columns.

    Raises UnreadableFileError and TooLargeError as opening it would.
    """
    if what.media in OBJECTS:
        return _objects(what, name)
    with what.path.open("rb") as opened:
        is_book = opened.read(4) == _ZIP
    if is_book:
        return Peek(name, "xlsx", "", "", _book(what, most))
    opening.refuse_other(what.path, what.media)
    encoding = encodings.detect(what.path, what.encoding)
    sign = delimited.sniff(
        what.path, encoding.codec, lambda text: what.known(encoding.read(text)), what.delimiter
    )
    rows = delimited.rows(what.path, encoding.codec, sign)
    read = [
        (line, [encoding.read(cell) for cell in cells])
        for line, cells in itertools.islice(rows, ROWS)
    ]
    leaf = _leaf(
        "", [(line, [(cell, False) for cell in cells]) for line, cells in read], None, most
    )
    said = encodings.NAMES.get(encoding.font or encoding.codec.removesuffix("-sig"), encoding.codec)
    return Peek(name, "csv", said, delimited.NAMES[sign], [leaf])


def _objects(what: opening.Opening, name: str) -> Peek:
    records = what.layout.records or records_of(what.path, what.media)
    opened = opening.open_sheet(replace(what, layout=replace(what.layout, records=records)))
    first = next(iter(opened.lines), None)
    if first is None or not len(first.rows):
        raise UnreadableFileError(NO_OBJECTS)
    leaf = named(opened.headings, first.columns, first.plain, min(len(first.rows), ROWS))
    return Peek(name, form_of(what.media), "", "", [leaf], records)


def form_of(media: str) -> str:
    return "xml" if media == "xml" else "json"


def records_of(path: Path, media: str) -> str:
    """Return where in a document the rows most likely stand; "" where opening it finds them.

    Raises UnreadableFileError, TooLargeError.
    """
    if media == "xml":
        return trees.path_of(elements.document(path))
    if media != "json":
        return ""
    document = objects.parsed(path)
    is_wrapped = isinstance(document, dict) and isinstance(document.get("rows"), list)
    return "" if is_wrapped or trees.is_geojson(document) else trees.path_of(document)


def named(
    headings: list[str], columns: Sequence[pa.Array], plain: Sequence[pa.Array | None], shown: int
) -> Leaf:
    """Return objects as a page shows a table: the names as heading, then the first rows."""
    cells = [[(one[at].as_py() or "")[:CELL] for one in columns] for at in range(shown)]
    marks = [[mask is not None and bool(mask[at].as_py()) for mask in plain] for at in range(shown)]
    return Leaf(
        "",
        list(range(shown + 1)),
        [headings, *cells],
        [[False] * len(headings), *marks],
        [1] * (shown + 1),
    )


def _book(what: opening.Opening, most: int) -> list[Leaf]:
    leaves = []
    names = workbook.visible(what.path)
    wanted = [one for one in names if one == what.layout.sheet]
    for sheet in wanted or names[:_SHEETS]:
        table = workbook.table(what.path, sheet)
        rows = opening.unicode_rows(itertools.islice(table.rows, ROWS), what.encoding)
        cells = [
            (line, [(workbook.text_of(cell), workbook.is_plain(cell)) for cell in row])
            for line, row in rows
        ]
        leaves.append(_leaf(sheet, cells, table, most))
    return leaves


def _leaf(
    name: str,
    rows: list[tuple[int, list[tuple[str, bool]]]],
    table: workbook.Table | None,
    most: int,
) -> Leaf:
    width = max((len(cells) for _, cells in rows), default=0)
    if width > most:
        raise UnreadableFileError(f"Tệp mẫu có {width} cột; khai cột ở đây tối đa {most} cột.")
    return Leaf(
        name,
        [line for line, _ in rows],
        [[text[:CELL].replace("\x00", "\u2400") for text, _ in cells] for _, cells in rows],
        [[is_plain for _, is_plain in cells] for _, cells in rows],
        [table.heading_lines(line) if table else 1 for line, _ in rows],
    )


def headed(leaf: Leaf, declared: Layout, known: Any) -> tuple[int, int]:
    """Return the places of the heading's first row and of the first row below it.

    Where no row names a known column, the first of the rows with the most words is the heading,
    among those that are about as wide as the table: a title above it is not.
    """
    if leaf.is_named:
        return 0, 1
    texts = list(zip(leaf.lines, leaf.cells, strict=True))
    deep = dict(zip(leaf.lines, leaf.deep, strict=True))
    try:
        return header.locate(texts, declared, known, deep.__getitem__)
    except UnreadableFileError:
        if not texts:
            raise
        at = _wordiest(leaf.cells)
        lines = declared.header_rows if declared.header_rows > 1 else leaf.deep[at]
        return at, min(at + lines, len(texts))


def _wordiest(rows: list[list[str]]) -> int:
    filled = [sum(bool(cell.strip()) for cell in cells) for cells in rows]
    words = [
        sum(not _is_number(cell) for cell in cells) if width >= _WIDE * max(filled) else -1
        for cells, width in zip(rows, filled, strict=True)
    ]
    return words.index(max(words))


def _is_number(cell: str) -> bool:
    return not any(sign.isalpha() for sign in cell)


def headings(leaf: Leaf, first: int, below: int) -> list[str]:
    """Return the headings that stand in these rows, joined where they take several lines."""
    return header.joined(leaf.cells[first:below])


def lines(leaf: Leaf, below: int, width: int) -> Lines:
    """Return the rows below the heading as the check wants them."""
    rows = zip(leaf.lines[below:], leaf.cells[below:], strict=True)
    made = next(iter(opening.text_lines(iter(rows), width)), None)
    if made is None:
        raise UnreadableFileError("Tệp không có dòng số liệu nào dưới dòng tiêu đề.")
    kept = set(made.rows.to_pylist())
    marks = [
        flags
        for line, flags in zip(leaf.lines[below:], leaf.plain[below:], strict=True)
        if line in kept
    ]
    return Lines(made.rows, made.columns, list(_plain(marks, width)), made.broken)


def _plain(marks: list[list[bool]], width: int) -> Iterator[pa.Array | None]:
    for place in range(width):
        column = [place < len(flags) and flags[place] for flags in marks]
        yield pa.array(column, pa.bool_()) if any(column) else None
