"""One report as a workbook: its lines, what is known already, room for values and notes."""

import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import xlsxwriter

from haidang.delivery.reporting.rules.checks import FormSpec, ItemSpec

SHEET = "Báo cáo"
MARK = "haidang-report"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADER = ("Mã", "Mục", "Đơn vị tính", "Giá trị", "Ghi chú")
FIRST_LINE = 5


def write(
    report_id: int,
    title: str,
    about: str,
    form: FormSpec,
    values: Mapping[str, Decimal | None],
    notes: Mapping[str, str],
) -> bytes:
    """Return the workbook of a report; only values and notes can be changed in it."""
    kept = io.BytesIO()
    # A unit's or a person's text never becomes a formula or a link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(kept, options) as book:
        styles = _styles(book)
        sheet = book.add_worksheet(SHEET)
        sheet.write(0, 0, title, styles["title"])
        sheet.write(1, 0, about)
        sheet.write(2, 0, f"{MARK}:{report_id}", styles["faint"])
        for column, (name, width) in enumerate(zip(HEADER, (18, 48, 14, 16, 40), strict=True)):
            sheet.set_column(column, column, width)
            sheet.write(FIRST_LINE - 1, column, name, styles["header"])
        for number, item in enumerate(form.items):
            _line(sheet, FIRST_LINE + number, item, values.get(item.code), styles)
            sheet.write(FIRST_LINE + number, 4, notes.get(item.code, ""), styles["open"])
        sheet.freeze_panes(FIRST_LINE, 0)
        sheet.protect(options={"format_columns": True})
    return kept.getvalue()


def _styles(book: Any) -> dict[str, Any]:
    formats = {
        "title": {"bold": True, "font_size": 14},
        "header": {"bold": True, "bottom": 1, "bg_color": "#E8EEF2"},
        "faint": {"font_color": "#98A6B0"},
        "whole": {"locked": False, "border": 1, "num_format": "#,##0"},
        "parts": {"locked": False, "border": 1, "num_format": "#,##0.0##"},
        "open": {"locked": False, "border": 1},
    }
    return {name: book.add_format(format_) for name, format_ in formats.items()}


def _line(
    sheet: Any, row: int, item: ItemSpec, value: Decimal | None, styles: Mapping[str, Any]
) -> None:
    sheet.write_row(row, 0, (item.code, item.title, item.unit_of_measure))
    style = styles["parts" if item.decimals else "whole"]
    if value is None:
        sheet.write_blank(row, 3, None, style)
    else:
        sheet.write_number(row, 3, float(value), style)
    if item.minimum is not None:
        sheet.data_validation(row, 3, row, 3, _validation(item))


def _validation(item: ItemSpec) -> dict[str, Any]:
    low, high = float(item.minimum or 0), item.maximum
    if high is None:
        limits: dict[str, Any] = {"criteria": ">=", "value": low}
    else:
        limits = {"criteria": "between", "minimum": low, "maximum": float(high)}
    return {
        "validate": "decimal",
        "error_title": "Kiểm tra lại",
        "error_message": "Nhập số trong giới hạn cho phép.",
        **limits,
    }
