"""XLSX: the cells of one sheet as text; numbers that Excel stored are marked as plain."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import python_calamine as calamine

from haidang.data.ingest.errors import UnreadableFileError
from haidang.data.ingest.files import bombs

Cell = Any
Row = tuple[int, list[Cell]]


def rows(path: Path, sheet: str = "") -> Iterator[Row]:
    """Yield (line, cells) of the sheet's rows that are not blank.

    Raises UnreadableFileError for what is no workbook or lacks the sheet, TooLargeError for bombs.
    """
    bombs.inspect(path)
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        found = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
        first = found.start[0] if found.start else 0
        table = found.iter_rows()
    except calamine.WorksheetNotFound as error:
        names = ", ".join(f"“{name}”" for name in book.sheet_names)
        raise UnreadableFileError(
            f"Sổ tính không có trang “{sheet}”. Các trang có trong tệp: {names}."
        ) from error
    except (calamine.CalamineError, OSError, IndexError) as error:
        raise UnreadableFileError(
            "Không mở được sổ tính XLSX. Mở bằng Excel, lưu lại rồi tải lên."
        ) from error
    for line, cells in enumerate(table, start=first + 1):
        if any(cell not in ("", None) for cell in cells):
            yield line, list(cells)


def text_of(cell: Cell) -> str:
    """Return a cell as text: ISO for dates, shortest exact form for numbers."""
    if cell is None or isinstance(cell, str):
        return cell or ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime | datetime.date | datetime.time):
        return cell.isoformat(" ") if isinstance(cell, datetime.datetime) else cell.isoformat()
    return str(cell)


def is_plain(cell: Cell) -> bool:
    """Say whether a program stored the cell as a number."""
    return isinstance(cell, int | float) and not isinstance(cell, bool)
