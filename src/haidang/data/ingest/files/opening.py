"""One way to open whatever arrives: headings, and the rows below as chunks of text columns."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from haidang.data.ingest.errors import TooLargeError, UnreadableFileError
from haidang.data.ingest.files import (
    bounds,
    cap,
    columnar,
    delimited,
    elements,
    encodings,
    header,
    legacy,
    ngsi,
    objects,
    workbook,
)
from haidang.data.ingest.files.bombs import too_many_columns
from haidang.data.ingest.rules.chunk import Broken, Lines
from haidang.data.ingest.rules.layout import Layout
from haidang.data.ingest.rules.values import Reason

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_PDF = b"%PDF"
_SAMPLE_ROWS = 200  # of a workbook, to know an old font by


@dataclass(frozen=True)
class Sheet:
    """An opened file."""

    headings: list[str]
    lines: Iterator[Lines]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Opening:
    """What is known about a file before it is opened."""

    path: Path
    media: str
    layout: Layout
    known: Callable[[str], bool]
    encoding: str = ""
    delimiter: str = ""
    records: str = ""
    tell: Callable[[int], None] = lambda seen: None


def open_sheet(opening: Opening) -> Sheet:
    """Open a file by its content and media type ("json", "ndjson", "xml", "csv", "xlsx", or "").

    Raises UnreadableFileError and TooLargeError with what to do about it.
    """
    with opening.path.open("rb") as opened:
        head = opened.read(8)
    if head.startswith(_ZIP):
        return _book(opening)
    refuse_other(opening.path, opening.media)
    if special := _special(opening):
        return special
    if opening.media == "json":
        return _objects(objects.of_json(opening.path, opening.records, opening.layout.records))
    if opening.media == "xml":
        return _objects(elements.of_xml(opening.path, opening.records, opening.layout.records))
    if opening.media == "ndjson":
        return _objects(objects.of_lines(opening.path, opening.tell))
    return _delimited(opening)


def _special(opening: Opening) -> Sheet | None:
    """Open what the source or the media type says to be more than plain JSON or XML."""
    form = opening.layout.format
    if opening.media == "ngsi" or (form == "ngsi" and opening.media in {"json", "ndjson"}):
        is_lines = opening.media == "ndjson"
        return _objects(ngsi.items(opening.path, opening.layout, is_lines))
    if form == "cap":
        return _objects(cap.items(opening.path))
    return None


def refuse_other(path: Path, media: str) -> None:
    """Raise UnreadableFileError for what is neither a workbook nor text."""
    with path.open("rb") as opened:
        head = opened.read(8)
    if head.startswith(_OLD_EXCEL):
        raise UnreadableFileError(
            "Tệp .xls (Excel 97–2003) chưa đọc được. Lưu lại thành .xlsx hoặc CSV rồi tải lên."
        )
    if head.startswith(_PDF):
        raise UnreadableFileError("Tệp PDF không phải bảng số liệu. Tải lên tệp CSV hoặc XLSX.")
    if media == "xlsx":
        raise UnreadableFileError("Tệp không phải sổ tính XLSX. Kiểm tra lại tệp đã chọn.")


def _delimited(opening: Opening) -> Sheet:
    encoding = encodings.detect(opening.path, opening.encoding)
    codec = encoding.codec
    delimiter = delimited.sniff(
        opening.path,
        codec,
        lambda heading: opening.known(encoding.read(heading)),
        opening.delimiter,
    )
    rows = delimited.rows(opening.path, codec, delimiter, opening.tell)
    if encoding.font:
        rows = ((line, [encoding.read(cell) for cell in cells]) for line, cells in rows)
    headings, below = header.find(rows, opening.layout, opening.known, str)
    width = len(headings)
    notes = _font_notes(encoding.font)
    if opening.delimiter and delimiter != opening.delimiter:
        notes += (
            f"Nguồn khai {delimited.NAMES.get(opening.delimiter, opening.delimiter)} nhưng tệp "
            f"phân cách bằng {delimited.NAMES[delimiter]}; đã đọc theo tệp.",
        )
    if encoding.font:
        return Sheet(headings, text_lines(below, width), notes)
    if (first := next(below, None)) is None:
        return Sheet(headings, iter(()), notes)
    table = columnar.Table(
        opening.path, codec, delimiter, width, first[0], lambda rows: text_lines(rows, width)
    )
    return Sheet(headings, columnar.lines(table, opening.tell), notes)


def _font_notes(font: str) -> tuple[str, ...]:
    if not font:
        return ()
    return (f"Tệp dùng bảng mã cũ {encodings.NAMES[font]}; đã chuyển sang Unicode.",)


def text_lines(rows: Iterator[delimited.Row], width: int) -> Iterator[Lines]:
    """Yield rows of text as chunks; a row longer than the heading is set apart as broken."""
    while some := list(itertools.islice(rows, bounds.ROWS_AT_ONCE)):
        broken = [row for row in some if len(row[1]) > width and any(row[1][width:])]
        if broken:
            bad = {line for line, _ in broken}
            some = [row for row in some if row[0] not in bad]
        yield Lines(
            pa.array([line for line, _ in some], pa.int64()),
            _columns([cells for _, cells in some], width),
            [None] * width,
            [_too_long(line, cells, width) for line, cells in broken],
        )


def _columns(rows: Sequence[list[str]], width: int) -> list[pa.Array]:
    """Turn rows into columns; short rows end in empty cells."""
    turned = list(itertools.islice(itertools.zip_longest(*rows, fillvalue=""), width))
    columns = [pa.array(column, pa.string()) for column in turned]
    empty = pa.repeat(pa.scalar("", pa.string()), len(rows))
    return columns + [empty] * (width - len(columns))


def _too_long(line: int, cells: list[str], width: int) -> Broken:
    sentence = (
        f"Dòng {line}: có {len(cells)} ô, nhiều hơn {width} cột của tiêu đề. Thường do nội dung "
        "chứa dấu phân cách mà không đặt trong ngoặc kép."
    )
    text = " | ".join(cells).replace("\x00", "\u2400")[:2000]
    return line, {"": text}, Reason("", "too_many_cells", sentence)


def _book(opening: Opening) -> Sheet:
    table = workbook.table(opening.path, opening.layout.sheet)
    first = list(itertools.islice(table.rows, _SAMPLE_ROWS))
    font = _font_of(first, opening.encoding)
    rows: Iterator[workbook.Row] = itertools.chain(first, table.rows)
    if font:
        rows = ((line, [_read(font, cell) for cell in cells]) for line, cells in rows)
    headings, below = header.find(
        rows, opening.layout, opening.known, workbook.text_of, table.heading_lines
    )
    return Sheet(headings, _cell_lines(below, len(headings)), _font_notes(font))


def unicode_rows(rows: Iterator[workbook.Row], declared: str) -> list[workbook.Row]:
    """Return some rows of a sheet with the letters of an old font turned into Unicode."""
    some = list(rows)
    font = _font_of(some, declared)
    if not font:
        return some
    return [(line, [_read(font, cell) for cell in cells]) for line, cells in some]


def _font_of(rows: Sequence[workbook.Row], declared: str) -> str:
    """Return which old font a sheet was typed with; a workbook is Unicode, its text may not be."""
    if declared in legacy.DECODERS:
        return declared
    return legacy.found(" ".join(cell for _, cells in rows for cell in cells if type(cell) is str))


def _read(font: str, cell: workbook.Cell) -> workbook.Cell:
    return legacy.DECODERS[font](cell) if type(cell) is str else cell


def _cell_lines(rows: Iterator[workbook.Row], width: int) -> Iterator[Lines]:
    while some := list(itertools.islice(rows, bounds.ROWS_AT_ONCE)):
        turned = list(itertools.islice(itertools.zip_longest(*(cells for _, cells in some)), width))
        turned += [(None,) * len(some)] * (width - len(turned))
        lines = pa.array([line for line, _ in some], pa.int64())
        texts, plain = zip(*map(cells_of, turned), strict=True)
        yield Lines(lines, texts, plain)


def cells_of(column: Sequence[workbook.Cell]) -> tuple[pa.Array, pa.Array | None]:
    """Return a column's cells as text, and which of them a program stored as numbers."""
    kinds = set(map(type, column))
    if kinds == {str}:
        return pa.array(column, pa.string()), None
    texts = pa.array(map(workbook.text_of, column), pa.string())
    if kinds <= {int, float}:
        return texts, pa.repeat(True, len(column))
    return texts, _plain(column, workbook.is_plain)


def _objects(items: Iterator[objects.Item]) -> Sheet:
    names, again = objects.headings(items)
    if len(names) > bounds.COLUMNS:
        raise TooLargeError(too_many_columns(len(names)))
    return Sheet(names, _object_lines(again, names))


def _object_lines(items: Iterator[objects.Item], names: list[str]) -> Iterator[Lines]:
    while some := list(itertools.islice(items, bounds.ROWS_AT_ONCE)):
        good = [item for item in some if len(item) == 2]
        columns = [[row.get(name) for _, row in good] for name in names]
        yield Lines(
            pa.array([place for place, _ in good], pa.int64()),
            [pa.array(map(objects.text_of, column), pa.string()) for column in columns],
            [_plain(column, objects.is_plain) for column in columns],
            [item for item in some if len(item) == 3],
        )


def _plain(column: Sequence[Any], is_plain: Callable[[Any], bool]) -> pa.Array | None:
    marks = [is_plain(cell) for cell in column]
    return pa.array(marks, pa.bool_()) if any(marks) else None
