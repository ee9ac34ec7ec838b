"""The workbook that comes back: filled in well, filled in badly, or something else altogether."""

import io
import zipfile
from decimal import Decimal

import pytest
import xlsxwriter

from haidang.delivery.reporting.errors import WrongWorkbookError
from haidang.delivery.reporting.files import reading, workbook
from haidang.delivery.reporting.rules.checks import FormSpec
from haidang.delivery.reporting.rules.starter import COMMUNE

FORM = FormSpec(COMMUNE.items)


def filled(cells: dict[str, object], report_id: int = 7, note: str = "") -> bytes:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        sheet.write(2, 0, f"{workbook.MARK}:{report_id}")
        for number, (code, value) in enumerate(cells.items()):
            sheet.write(workbook.FIRST_LINE + number, 0, code)
            sheet.write(workbook.FIRST_LINE + number, 3, value)
            sheet.write_string(workbook.FIRST_LINE + number, 4, note)
    return kept.getvalue()


def test_a_template_reads_back_as_it_was_written() -> None:
    values = {"so-ho": Decimal(8000), "tiem-chung": Decimal("96.5"), "ho-ngheo": None}
    content = workbook.write(7, "Báo cáo", "Phường", FORM, values, {"so-ho": "=1+1"})

    found = reading.read(content, report_id=7, form=FORM)

    assert found.values["so-ho"] == 8000
    assert found.values["tiem-chung"] == Decimal("96.5")
    assert found.values["ho-ngheo"] is None
    assert found.notes == {"so-ho": "=1+1"}


def test_texts_are_read_as_numbers_where_they_are() -> None:
    found = reading.read(
        filled({"so-ho": "8.000", "ho-ngheo": "=cmd|x", "lạ": 1, "phan-anh": 0.1 + 0.2}),
        report_id=7,
        form=FORM,
    )

    assert found.values == {"so-ho": 8000, "phan-anh": Decimal("0.3")}
    assert found.wrong == {"ho-ngheo": "=cmd|x"}


def bomb() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (30 * 1024 * 1024))
    return kept.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"so-ho;1", b"PK\x03\x04" + b"\x00" * 100, filled({"so-ho": 1}, report_id=8), bomb()],
    ids=["empty", "csv", "cut", "of another report", "bomb"],
)
def test_anything_else_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(WrongWorkbookError, match="biểu mẫu"):
        reading.read(content, report_id=7, form=FORM)
