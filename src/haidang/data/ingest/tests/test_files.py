"""Whatever arrives is read, or refused with a sentence that says what to do."""

import io
import struct
import unicodedata
import zipfile
import zlib
from pathlib import Path

import pytest
import xlsxwriter

from haidang.data.ingest.connectors import web
from haidang.data.ingest.errors import TooLargeError, UnreadableFileError
from haidang.data.ingest.files import Opening, Sheet, open_sheet, secrecy
from haidang.data.ingest.rules.layout import layout

KNOWN = {"mã", "tên", "số"}


def opened(path: Path, media: str = "", **more: object) -> Sheet:
    return open_sheet(
        Opening(
            path=path,
            media=media,
            layout=layout(more.pop("mapping", {})),  # type: ignore[arg-type]
            known=lambda heading: heading.strip().lower() in KNOWN,
            **more,  # type: ignore[arg-type]
        )
    )


def rows(sheet: Sheet) -> list[list[str | None]]:
    found = []
    for lines in sheet.lines:
        columns = [column.to_pylist() for column in lines.columns]
        found += [list(cells) for cells in zip(*columns, strict=True)]
    return found


def file(folder: Path, content: bytes | str, codec: str = "utf-8") -> Path:
    path = folder / "tep"
    path.write_bytes(content.encode(codec) if isinstance(content, str) else content)
    return path


TABLE = "Mã;Tên;Số\na1;Thủ Dầu Một;1,5\na2;Bến Cát;2,5\n"
READ = [["a1", "Thủ Dầu Một", "1,5"], ["a2", "Bến Cát", "2,5"]]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_encodings_and_delimiters_are_found(tmp_path, codec, delimiter):
    sheet = opened(file(tmp_path, TABLE.replace(";", delimiter), codec))

    assert sheet.headings == ["Mã", "Tên", "Số"]
    assert rows(sheet) == READ


def test_windows_1258_is_known_by_its_letters(tmp_path):
    said = "Mã;Tên\n" + "a1;Phường Bình Hòa, thị xã Thuận An, tỉnh Bình Dương\n" * 20
    decomposed = "".join(_cp1258(letter) for letter in said)
    sheet = opened(file(tmp_path, decomposed.encode("cp1258")))

    written = unicodedata.normalize("NFC", str(rows(sheet)[0][1]))
    assert written == "Phường Bình Hòa, thị xã Thuận An, tỉnh Bình Dương"


def _cp1258(letter: str) -> str:
    """Tone marks stand alone in cp1258; the letters' own shapes do not."""
    try:
        letter.encode("cp1258")
    except UnicodeEncodeError:
        parts = unicodedata.normalize("NFD", letter)
        tone = [mark for mark in parts if mark in "\u0300\u0301\u0303\u0309\u0323"]
        shape = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in tone))
        return shape + "".join(tone)
    return letter


def test_two_encodings_in_one_file_are_refused_with_the_line(tmp_path):
    old = "Mã;Tên\n".encode() + b"a1;Th\xf1 D\xc7u M\xe9t B\xb5 \xb8\xb9\xb5\xae\xac\n"

    with pytest.raises(UnreadableFileError, match=r"không phải UTF-8: dòng 2.*TCVN3.*CSV UTF-8"):
        opened(file(tmp_path, old))


def test_a_wrongly_declared_encoding_is_named(tmp_path):
    with pytest.raises(UnreadableFileError, match="không thuộc bảng mã"):
        opened(file(tmp_path, b"M\x9d;T\n"), encoding="cp1258")


def test_a_wrongly_declared_delimiter_is_read_anyway_and_noted(tmp_path):
    sheet = opened(file(tmp_path, TABLE), delimiter=",")

    assert rows(sheet) == READ
    assert "dấu phẩy" in sheet.notes[0]


def test_titles_above_the_header_and_blank_lines_are_passed_over(tmp_path):
    sheet = opened(file(tmp_path, '"Bảng 1, năm 2026; toàn tỉnh"\n\n' + TABLE))
    lines = next(sheet.lines)

    assert lines.rows.to_pylist() == [4, 5]


def test_a_header_of_two_lines_is_joined(tmp_path):
    content = "Đơn vị;Tên;\n;Thường;Số\na;b;c\n"
    sheet = opened(file(tmp_path, content), mapping={"header_rows": 2})

    assert sheet.headings == ["Đơn vị", "Tên Thường", "Tên Số"]


def test_a_file_without_known_headings_is_refused_with_what_it_has(tmp_path):
    with pytest.raises(UnreadableFileError, match=r"Không tìm thấy dòng tiêu đề.*x \| y"):
        opened(file(tmp_path, "x;y\n1;2\n"))


def test_a_refusal_quotes_no_nul(tmp_path):
    with pytest.raises(UnreadableFileError) as refused:
        opened(file(tmp_path, b"a\x00b\n" * 10))

    assert "\x00" not in refused.value.message


@pytest.mark.parametrize("content", ["", "\n\n  \n"])
def test_an_empty_file_is_refused(tmp_path, content):
    with pytest.raises(UnreadableFileError):
        opened(file(tmp_path, content))


def test_short_rows_end_in_empty_cells_and_long_rows_wait(tmp_path):
    sheet = opened(file(tmp_path, "Mã;Tên;Số\na1\na2;b;c;d;e\na3;b;c;;\n"))
    lines = next(sheet.lines)

    assert lines.rows.to_pylist() == [2, 4]
    assert lines.columns[1].to_pylist() == ["", "b"]
    line, _, why = lines.broken[0]
    assert (line, why.code) == (3, "too_many_cells")
    assert "nhiều hơn 3 cột" in why.message


def test_a_quote_that_never_closes_names_its_line(tmp_path):
    content = "Mã;Tên\na1;b\na2;" + '"' + "x" * 200_000

    with pytest.raises(UnreadableFileError, match=r"Dòng 3.*ngoặc kép"):
        rows(opened(file(tmp_path, content)))


def test_nul_bytes_reach_the_check(tmp_path):
    sheet = opened(file(tmp_path, "Mã;Tên\na\x001;b\n"))

    assert rows(sheet) == [["a\x001", "b"]]


def test_ten_thousand_columns_are_refused(tmp_path):
    with pytest.raises(TooLargeError, match=r"10\.000 cột, tối đa cho phép là 1\.000"):
        opened(file(tmp_path, ";".join(["Mã"] * 10_000) + "\n"))


@pytest.mark.parametrize(
    ("head", "said"),
    [(b"%PDF-1.7 ...", "PDF"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"\.xls"), (b"GIF89a;", ".")],
)
def test_other_kinds_of_file_are_named(tmp_path, head, said):
    with pytest.raises(UnreadableFileError, match=said):
        opened(file(tmp_path, head * 20))


def book(folder: Path, *table: list[object], name: str = "Biểu") -> Path:
    path = folder / "so.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as made:
        sheet = made.add_worksheet(name)
        for at, cells in enumerate(table):
            sheet.write_row(at, 0, cells)
    return path


def test_a_workbook_keeps_stored_numbers_apart_from_typed_ones(tmp_path):
    head = (["Báo cáo"], [], ["Mã", "Tên", "Số"])
    path = book(tmp_path, *head, ["a1", "1.234", 1.234], ["a2", "x", 5])
    lines = next(opened(path, "xlsx").lines)

    assert lines.rows.to_pylist() == [4, 5]
    assert lines.columns[2].to_pylist() == ["1.234", "5"]
    assert lines.plain[2].to_pylist() == [True, True]
    assert lines.plain[1] is None


def test_a_hidden_sheet_is_passed_over_unless_it_is_named(tmp_path):
    path = tmp_path / "so.xlsx"
    with xlsxwriter.Workbook(path) as made:
        for name, cell in (("Cũ", "cũ"), ("Mới", "mới")):
            sheet = made.add_worksheet(name)
            sheet.write_column(0, 0, ["Mã", cell])
        made.get_worksheet_by_name("Mới").activate()
        made.get_worksheet_by_name("Mới").set_first_sheet()
        made.get_worksheet_by_name("Cũ").hide()

    assert rows(opened(path)) == [["mới"]]
    assert rows(opened(path, mapping={"sheet": "Cũ"})) == [["cũ"]]


def test_merged_cells_tell_a_heading_of_two_lines(tmp_path):
    path = tmp_path / "so.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        sheet.merge_range(0, 0, 0, 3, "BIỂU SỐ 1")
        sheet.merge_range(1, 0, 2, 0, "Mã")
        sheet.merge_range(1, 1, 1, 2, "Số người")
        sheet.merge_range(1, 3, 2, 3, "Tên")
        sheet.write_row(2, 1, ["Nam", "Nữ"])
        sheet.write_row(3, 0, ["a1", 1, 2, "x"])
    found = opened(path)

    assert found.headings == ["Mã", "Số người Nam", "Số người Nữ", "Tên"]
    assert rows(found) == [["a1", "1", "2", "x"]]


def test_a_missing_sheet_is_named_beside_those_that_exist(tmp_path):
    with pytest.raises(UnreadableFileError, match=r"“Biểu 2”.*“Biểu”"):
        opened(book(tmp_path, ["Mã"]), mapping={"sheet": "Biểu 2"})


def test_a_workbook_with_ten_thousand_columns_is_refused(tmp_path):
    with pytest.raises(TooLargeError, match="tối đa cho phép"):
        opened(book(tmp_path, ["Mã"] * 10_000), "xlsx")


def bomb(folder: Path, sheet: bytes, declared: int | None = None) -> Path:
    """A workbook whose sheet is what it is, whatever its directory says of its size."""
    path = folder / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", "<workbook/>")
        made.writestr("xl/worksheets/sheet1.xml", sheet)
    if declared is not None:
        raw = bytearray(path.read_bytes())
        at = raw.rindex(b"PK\x01\x02")
        raw[at + 24 : at + 28] = struct.pack("<I", declared)
        path.write_bytes(raw)
    return path


def test_a_zip_bomb_is_refused_by_its_directory(tmp_path):
    with pytest.raises(TooLargeError, match="phá hoại"):
        opened(bomb(tmp_path, b"0" * (64 << 20)))


def test_a_zip_bomb_that_lies_about_its_size_is_refused_too(tmp_path, monkeypatch):
    monkeypatch.setattr("haidang.data.ingest.files.bounds.BOOK_BYTES", 8 << 20)

    with pytest.raises(TooLargeError, match="phá hoại"):
        opened(bomb(tmp_path, b"0" * (32 << 20), declared=1000))


def test_one_far_away_cell_does_not_make_the_reader_lay_out_a_desert(tmp_path):
    sheet = b'<sheetData><row r="1"><c r="A1"/></row><row r="1048576"><c r="ZZ1048576"/></row>'

    with pytest.raises(TooLargeError, match="dòng 1048576"):
        opened(bomb(tmp_path, sheet))


def test_garbage_that_begins_like_a_workbook_is_refused(tmp_path):
    with pytest.raises(UnreadableFileError, match="không phải sổ tính"):
        opened(file(tmp_path, b"PK\x03\x04" + zlib.compress(b"x" * 100)))


def test_a_workbook_whose_parts_do_not_unpack_bears_no_mark(tmp_path):
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/sharedStrings.xml", "<t>" + "số liệu " * 500 + "</t>")
    whole = bytearray(path.read_bytes())
    start = 30 + len("xl/sharedStrings.xml")
    whole[start : start + 8] = b"\xff" * 8
    path.write_bytes(whole)
    assert secrecy.mark_of(path) == ""
    path.write_bytes(whole[: start + 8] + whole[whole.index(b"PK\x01\x02") :])
    assert secrecy.mark_of(path) == ""


def test_objects_are_rows_and_what_is_no_object_waits(tmp_path):
    content = '{"Mã": "a1", "Số": 1.5}\n[1,2]\n{"Mã": \n{"Số": null, "Mã": "a2", "Tên": true}\n'
    lines = next(opened(file(tmp_path, content), "ndjson").lines)

    assert lines.rows.to_pylist() == [1, 4]
    assert [column.to_pylist() for column in lines.columns] == [
        ["a1", "a2"],
        ["1.5", None],
        [None, "true"],
    ]
    assert [line for line, _, _ in lines.broken] == [2, 3]


@pytest.mark.parametrize("content", ['{"a": ', '"text"', "12", "[" * 100_000])
def test_json_that_is_no_list_is_refused_with_an_example(tmp_path, content):
    with pytest.raises(UnreadableFileError, match="JSON"):
        opened(file(tmp_path, content), "json")


def test_json_nested_too_deep_to_be_written_again_is_refused(tmp_path):
    deep = "[" * 300 + "]" * 300
    with pytest.raises(UnreadableFileError, match="sâu"):
        rows(opened(file(tmp_path, f'[{{"Mã": {deep}}}]'), "json"))
    lines = next(opened(file(tmp_path, f'{{"Mã": "a1"}}\n{{"Mã": {deep}}}\n'), "ndjson").lines)
    assert [line for line, _, _ in lines.broken] == [2]
    reply = file(tmp_path, "[" * 100_000)
    with pytest.raises(UnreadableFileError):
        web.as_json(reply)


def test_a_million_characters_of_garbage_do_no_harm(tmp_path):
    noise = io.BytesIO()
    value = 1
    while noise.tell() < 1_000_000:
        value = value * 6364136223846793005 + 1442695040888963407 & (2**64 - 1)
        noise.write(value.to_bytes(8, "little"))

    with pytest.raises(UnreadableFileError):
        rows(opened(file(tmp_path, noise.getvalue())))
