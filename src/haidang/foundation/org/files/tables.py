"""The rows of a small CSV or XLSX file, as text."""

import csv
import io
from datetime import date, datetime

from haidang.foundation.org.errors import UnreadableFileError

MOST_BYTES = 5_000_000


def rows_of(name: str, content: bytes) -> list[list[str]]:
    """Return the cells of a file's first sheet, as text. Raises UnreadableFileError."""
    if len(content) > MOST_BYTES:
        raise UnreadableFileError
    if name.lower().endswith(".xlsx"):
        return _of_workbook(content)
    return _of_text(content)


def _of_text(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError from error
    head = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=head.count)
    return [list(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter)]


def _of_workbook(content: bytes) -> list[list[str]]:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python()
    except (python_calamine.CalamineError, OSError, ValueError, IndexError) as error:
        raise UnreadableFileError from error
    return [[_text(cell) for cell in row] for row in rows]


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, (date, datetime)):
        return f"{cell:%d/%m/%Y}"
    return str(cell)
