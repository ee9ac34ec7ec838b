"""A filled-in workbook, read with suspicion."""

import io
import zipfile
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import python_calamine

from haidang.delivery.reporting.errors import WrongWorkbookError
from haidang.delivery.reporting.files.workbook import FIRST_LINE, MARK
from haidang.delivery.reporting.rules import numbers
from haidang.delivery.reporting.rules.checks import FormSpec

MOST_BYTES = 2 * 1024 * 1024
_MOST_UNPACKED = 20 * 1024 * 1024
_MOST_MEMBERS = 200
_LONGEST_NOTE = 500


@dataclass(frozen=True)
class Filled:
    """What a workbook says: values and notes by line, and the texts that are no numbers."""

    values: dict[str, Decimal | None]
    notes: dict[str, str]
    wrong: dict[str, str]


def read(content: bytes, *, report_id: int, form: FormSpec) -> Filled:
    """Return what a workbook says about a report's lines. Raises WrongWorkbookError.

    Lines are found by their codes; those that the form does not have are ignored.
    """
    rows = _rows(content)
    if _mark(rows) != f"{MARK}:{report_id}":
        raise WrongWorkbookError
    filled = Filled({}, {}, {})
    codes = {item.code for item in form.items}
    for row in rows[FIRST_LINE:]:
        if len(row) > 3 and str(row[0]).strip() in codes:
            _take(filled, str(row[0]).strip(), row)
    return filled


def _take(filled: Filled, code: str, row: list[Any]) -> None:
    try:
        filled.values[code] = _number(row[3])
    except numbers.NotANumberError:
        filled.wrong[code] = str(row[3])[:60]
    if len(row) > 4 and (note := str(row[4]).strip()):
        filled.notes[code] = note[:_LONGEST_NOTE]


def _number(cell: Any) -> Decimal | None:
    if isinstance(cell, bool):
        raise numbers.NotANumberError(str(cell))
    if isinstance(cell, int | float):
        # Sixteen digits of a float are noise after the twelfth.
        return Decimal(f"{cell:.12g}")
    return numbers.parse(str(cell))


def _mark(rows: list[list[Any]]) -> str:
    return str(rows[2][0]).strip() if len(rows) > 2 and rows[2] else ""


def _rows(content: bytes) -> list[list[Any]]:
    _refuse_bombs(content)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        return book.get_sheet_by_index(0).to_python(skip_empty_area=False, nrows=1000)
    except (python_calamine.CalamineError, OSError, ValueError, IndexError) as error:
        raise WrongWorkbookError from error


def _refuse_bombs(content: bytes) -> None:
    """Unpack nothing that is larger than it says, or too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            total = sum(member.file_size for member in members)
            if len(members) > _MOST_MEMBERS or total > _MOST_UNPACKED or archive.testzip():
                raise WrongWorkbookError
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, EOFError) as error:
        raise WrongWorkbookError from error
    except (NotImplementedError, RuntimeError) as error:  # encrypted, unknown compression
        raise WrongWorkbookError from error
