"""Tables for spreadsheets: CSV and XLSX that open with their accents, no cell that would run."""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any
from urllib.parse import quote

import xlsxwriter
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

FORMATS = {"csv": "CSV", "xlsx": "XLSX"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60
_CELL = 32_767  # letters that a cell of a workbook holds
_BOOK = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def safe(cell: Any) -> Any:
    """Return a cell with text that looks like a formula made plain by an apostrophe.

    Text that is a number stays one.
    """
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        bare = cell[1:].replace(".", "").replace(",", "")
        return cell if cell[0] in "+-" and bare.isdecimal() else f"'{cell}"
    return cell


def response(
    kind: str, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> HttpResponseBase:
    """Send rows as "csv" or "xlsx"; `name` is without an ending."""
    if kind == "xlsx":
        return xlsx_response(f"{name}.xlsx", header, rows)
    return csv_response(f"{name}.csv", header, rows)


def csv_response(
    name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """Send rows as a CSV file, in UTF-8 with the mark that makes spreadsheets read it so."""
    answer = StreamingHttpResponse(_lines(header, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


def xlsx_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> FileResponse:
    """Send rows as a workbook; text stays text, whatever it looks like. Memory holds one row."""
    kept = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the answer closes it
    with xlsxwriter.Workbook(kept, _BOOK) as book:
        sheet = book.add_worksheet()
        text = book.add_format({"num_format": "@"})
        bold = book.add_format({"bold": True, "bottom": 1, "num_format": "@"})
        sheet.freeze_panes(1, 0)
        for at, title in enumerate(header):
            sheet.set_column(at, at, min(max(len(title) + 2, 12), _WIDEST), text)
            sheet.write_string(0, at, title, bold)
        for number, row in enumerate(rows, 1):
            for at, cell in enumerate(row):
                _write(sheet, number, at, cell, text)
    kept.seek(0)
    answer = FileResponse(kept, as_attachment=True, content_type=XLSX)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


def _write(sheet: Any, row: int, column: int, cell: Any, text: Any) -> None:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        sheet.write_number(row, column, cell)
    elif cell not in (None, ""):
        sheet.write_string(row, column, str(cell)[:_CELL], text)


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in chain([header], rows):
        yield writer.writerow([safe(cell) for cell in row])
