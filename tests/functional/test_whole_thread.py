"""The whole thread on real processes, through real pages: from a ward's file to a closed ticket,
and from a monthly form to the board. The demo province, its cast, one browser.
"""

import io
import struct
import zlib
from datetime import date, timedelta
from pathlib import Path

import pytest
import python_calamine
import xlsxwriter
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.functional.demo import Enter

pytestmark = [pytest.mark.browser, pytest.mark.processes]

SOURCE = "dich-benh-phu-cuong"
WARD_BOARD = "/console/?unit=25747&sector=y-te"
CASES = "12"  # of the last week, once it is mended: the ward's threshold "nguy hiểm" is 6
RETURN_REASON = "Tỷ lệ tiêm chủng lệch so với Trung tâm Y tế, đề nghị rà lại."


def last_week(today: date) -> date:
    """Return the Monday of the last whole week, which the demo leaves to the ward."""
    return today - timedelta(days=today.weekday() + 7)


def weekly_file(monday: date) -> str:
    """Return the ward's file: four good rows, one of them twice, and three that cannot be used."""
    week = [f"{monday - timedelta(weeks=back):%d/%m/%Y}" for back in range(7)]
    return (
        "Ngày đầu tuần (thứ Hai);Đơn vị;Ca sốt xuất huyết;Ca tay chân miệng\n"
        f"{week[6]};25747;3;7\n"
        f"{week[5]};25747;4;6\n"
        f"{week[5]};25747;4;6\n"
        f"{week[4]};Phường Phú Cường;2;8\n"
        f"{week[3]};25747;5;9\n"
        f"{week[2]};Phường Phú Cươg;3;6\n"
        f"{week[1]};25747;5 ca;1\n"
        f"{week[0]};25747;mười hai;2\n"
    )


def tile(page: Page, code: str) -> Locator:
    return page.locator(f"#figure-{code}")


def number(page: Page, word: str) -> Locator:
    """Return the number under a word of the receipt's reconciliation."""
    return page.locator("dl.numbers div", has=page.locator("dt", has_text=word)).locator("dd").first


def press(page: Page, button: str) -> None:
    """Press a button that sends a form, and wait for the page that answers."""
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).click()


def open_board(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator('[data-island="live"]')).to_have_attribute("data-state", "open")


def picture() -> bytes:
    """Return a small PNG, 8 by 8 pixels of one colour."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checked = name + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    rows = b"".join(b"\x00" + b"\x1f\x6f\x8b" * 8 for _ in range(8))
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_from_a_wards_file_to_the_outcome_on_the_tile(enter: Enter, tmp_path: Path) -> None:
    monday = last_week(timezone.localdate())
    clerk, head = enter("canbo.phucuong"), enter("chutich.phucuong")
    leader = enter("chutich")
    open_board(leader, WARD_BOARD)
    before = tile(leader, "sot-xuat-huyet").inner_text()
    assert "Nguy hiểm" not in before, before

    runs = _load(clerk, tmp_path, monday)
    _approve(clerk, head, runs)
    _see_it_on_the_board(leader, monday)
    operator = enter("truc1")
    _acknowledge(operator)
    _work(operator, enter("truongca"))
    open_board(leader, WARD_BOARD)
    expect(tile(leader, "sot-xuat-huyet")).to_contain_text("Cảnh báo gần nhất: đúng, có sự việc")


def _load(clerk: Page, folder: Path, monday: date) -> list[str]:
    """Send the file, mend what waits, load it again; return the addresses of both runs."""
    file = folder / "sxh-phu-cuong.csv"
    file.write_text(weekly_file(monday), encoding="utf-8-sig")
    clerk.goto(f"/console/sources/{SOURCE}/upload/")
    clerk.set_input_files("input[type=file]", file)
    clerk.get_by_role("button", name="Nạp tệp").click()
    expect(clerk.get_by_role("heading", name="Đối chiếu")).to_be_visible()
    _reconciles(clerk, read="8", accepted="4", waiting="3", repeated="1")
    first = clerk.url
    clerk.get_by_role("link", name="Xử lý 3 dòng chờ").click()
    expect(clerk.get_by_role("checkbox")).to_have_count(3)
    expect(clerk.get_by_text("“Phường Phú Cươg”")).to_be_visible()
    for line, field, value in (
        (7, "Đơn vị", "25747"),
        (8, "Ca sốt xuất huyết", "5"),
        (9, "Ca sốt xuất huyết", CASES),
    ):
        clerk.get_by_role("link", name=f"Dòng {line}").click()
        clerk.get_by_role("textbox", name=field).fill(value)
        press(clerk, "Giữ nội dung sửa, nạp lại sau")
        expect(clerk.get_by_role("row", name=f"Dòng {line}")).to_contain_text("Đã sửa")
    for box in clerk.get_by_role("checkbox").all():
        box.check()
    press(clerk, "Nạp lại")
    clerk.get_by_label("Lý do").fill("Đã sửa theo sổ của trạm y tế")
    press(clerk, "Nạp lại 3 dòng")
    expect(clerk.get_by_role("heading", name="Đối chiếu")).to_be_visible()
    _reconciles(clerk, read="3", accepted="3", waiting="0", repeated="0")
    return [first, clerk.url]


def _reconciles(page: Page, *, read: str, accepted: str, waiting: str, repeated: str) -> None:
    counts = {"Đọc": read, "Nhận": accepted, "Chờ xử lý": waiting, "Trùng": repeated}
    for word, count in counts.items():
        expect(number(page, word)).to_have_text(count)


def _approve(clerk: Page, head: Page, runs: list[str]) -> None:
    """The clerk may not approve; the ward's head does, both runs."""
    clerk.goto(runs[0])
    expect(clerk.get_by_text("người nạp không tự duyệt")).to_be_visible()
    expect(clerk.get_by_role("button", name="Duyệt", exact=True)).to_have_count(0)
    token = clerk.locator("[name=csrfmiddlewaretoken]").first.input_value()
    refused = clerk.request.post(
        f"{runs[0]}decide/",
        form={"do": "approve", "csrfmiddlewaretoken": token},
        headers={"Referer": runs[0]},
    )
    assert refused.status == 403, refused.text()[:200]
    for run in runs:
        head.goto(run)
        press(head, "Duyệt")
        expect(head.get_by_text("Đã duyệt lượt nạp")).to_be_visible()


def _see_it_on_the_board(leader: Page, monday: date) -> None:
    """The open board changes by itself: figure, state, badge."""
    shown = tile(leader, "sot-xuat-huyet")
    expect(shown.locator(".figure b")).to_have_text(CASES)
    expect(shown).to_contain_text("Nguy hiểm")
    expect(shown.locator(".trust")).to_contain_text(f"{monday + timedelta(days=6):%d/%m}")
    expect(shown.locator(".trust")).to_contain_text("đã duyệt")


def _acknowledge(operator: Page) -> None:
    """The alert went to the department that is competent there; the shift takes it."""
    operator.goto("/console/alerts/")
    row = operator.get_by_role("row", name="Ca sốt xuất huyết trong tuần").filter(
        has_text="Phú Cường"
    )
    expect(row).to_contain_text("Sở Y tế")
    row.get_by_role("link").click()
    expect(operator.get_by_text(f"{CASES} ca").first).to_be_visible()
    press(operator, "Tiếp nhận")
    expect(operator.get_by_role("button", name="Tiếp nhận")).to_have_count(0)


def _work(operator: Page, chief: Page) -> None:
    """Open the ticket, work its steps, prove them, close it with its outcome."""
    operator.get_by_role("link", name="Mở phiếu điều hành").click()
    press(operator, "Mở phiếu")
    expect(operator.get_by_role("heading", name="Việc tiếp theo")).to_be_visible()
    chief.goto(operator.url)
    _verb(operator, "Xác minh")
    chief.reload()
    _verb(chief, "Phân công")
    _verb(chief, "Nhận việc")
    _verb(chief, "Bắt đầu xử lý")
    chief.get_by_label("Số liệu đúng").check()
    for _ in range(3):
        chief.get_by_label("Ghi chú").last.fill("Đã phun hóa chất diệt muỗi 3 khu phố")
        _verb(chief, "Xong bước này")
    chief.set_input_files(
        "input[type=file]",
        {"name": "phun-thuoc.png", "mimeType": "image/png", "buffer": picture()},
    )
    _prove(chief, "photo", "Phun hóa chất tại khu phố 2")
    expect(chief.get_by_role("img", name="Phun hóa chất tại khu phố 2")).to_be_visible()
    _prove(chief, "figure", "Tuần này còn 3 ca")
    _verb(chief, "Báo hoàn thành")
    _verb(chief, "Nghiệm thu")
    chief.get_by_label("đúng, đã xử lý sự việc").check()
    chief.get_by_label("Nhận xét").fill("Đã khoanh vùng ổ dịch")
    press(chief, "Đóng phiếu")
    expect(chief.get_by_role("heading", name="Việc tiếp theo")).to_have_count(0)
    expect(chief.get_by_text("Đúng, đã xử lý sự việc").first).to_be_visible()


def _prove(page: Page, kind: str, note: str) -> None:
    page.get_by_label("Loại minh chứng").select_option(kind)
    page.get_by_label("Mô tả, số liệu").fill(note)
    press(page, "Thêm minh chứng")


def _verb(page: Page, verb: str) -> None:
    press(page, verb)
    expect(page.get_by_text("Đã ghi nhận.")).to_be_visible()


def test_from_the_monthly_form_to_the_board(enter: Enter, tmp_path: Path) -> None:
    clerk, head, centre = enter("canbo.phucuong"), enter("chutich.phucuong"), enter("giamdoc.ioc")
    leader = enter("chutich")
    open_board(leader, WARD_BOARD)
    report = _assigned(clerk)
    _fill_workbook(clerk, report, tmp_path, vaccinated=88.8)
    _press(head, report, "Duyệt và gửi")
    expect(tile(leader, "tiem-chung").locator(".figure b")).to_have_text("88,8")

    centre.goto(report)
    centre.get_by_label("Lý do").fill(RETURN_REASON)
    press(centre, "Trả lại")
    expect(centre.get_by_text("Đã trả lại báo cáo.")).to_be_visible()
    clerk.goto(report)
    clerk.get_by_role("link", name="Nhập số liệu").click()
    expect(clerk.get_by_text(RETURN_REASON)).to_be_visible()

    _fill_workbook(clerk, report, tmp_path, vaccinated=97.3)
    _press(head, report, "Duyệt và gửi")
    _press(centre, report, "Tiếp nhận")
    shown = tile(leader, "tiem-chung")
    expect(shown.locator(".figure b")).to_have_text("97,3")
    expect(shown.locator(".trust")).to_contain_text("chính thức")


def _assigned(clerk: Page) -> str:
    """Return the address of the report that the ward owes, of the period that has ended."""
    clerk.goto("/console/reports/?state=")
    clerk.get_by_role("row").filter(has_text="quá").get_by_role("link").first.click()
    expect(clerk.get_by_role("link", name="Nhập số liệu")).to_be_visible()
    return clerk.url


def _fill_workbook(clerk: Page, report: str, folder: Path, *, vaccinated: float) -> None:
    """Fill the form with a spreadsheet, as downloaded, and send it to the approver."""
    clerk.goto(f"{report}fill/")
    with clerk.expect_download() as coming:
        clerk.get_by_role("link", name="Tải biểu mẫu Excel").click()
    values = {
        "so-ho": 5200, "ho-ngheo": 21, "tiem-chung": vaccinated, "van-ban-dien-tu": 98.5,
        "phan-anh": 34, "ho-so-qua-han": 2, "sot-xuat-huyet": 9, "sxh-nhap-vien": 4,
    }  # fmt: skip
    filled = folder / "bao-cao.xlsx"
    filled.write_bytes(_filled(coming.value.path(), values))
    clerk.set_input_files("#id_file", filled)
    press(clerk, "Tải lên")
    expect(clerk.get_by_text("Đã điền từ tệp.")).to_be_visible()
    expect(clerk.get_by_label("Trẻ em được tiêm chủng đầy đủ")).to_have_value(
        str(vaccinated).replace(".", ",")
    )
    press(clerk, "Gửi người duyệt")
    expect(clerk.get_by_text("Đã gửi người duyệt.")).to_be_visible()


def _filled(template: Path, values: dict[str, float]) -> bytes:
    """Return the downloaded workbook with values in its fourth column, as Excel would save it."""
    sheet = python_calamine.CalamineWorkbook.from_path(template).get_sheet_by_index(0)
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet.name)
        for at, row in enumerate(sheet.to_python(skip_empty_area=False)):
            page.write_row(at, 0, row)
            if row and str(row[0]) in values:
                page.write_number(at, 3, values[str(row[0])])
                page.write_string(at, 4, "Theo sổ theo dõi của phường")
    return kept.getvalue()


def _press(page: Page, address: str, button: str) -> None:
    page.goto(address)
    press(page, button)
    expect(page.get_by_role("button", name=button, exact=True)).to_have_count(0)
