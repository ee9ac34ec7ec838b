"""Files from before Unicode: TCVN3 and VNI, as bytes and as what a workbook shows."""

import subprocess
import unicodedata
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from haidang.data.ingest.files import legacy
from haidang.data.ingest.tests.test_files import file, opened, rows

SAID = "Phường Phú Cường, thành phố Thủ Dầu Một; tỷ lệ hộ nghèo đã giảm, kỹ thuật ổn định"
LETTERS = "ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
_TO_TCVN3 = {meant: chr(code) for code, meant in legacy._TCVN3.items()}
_TO_VNI = {meant: written for written, meant in reversed(legacy._VNI.items())}
OLD = {"tcvn3": _TO_TCVN3, "vni": _TO_VNI}


def old(text: str, font: str) -> str:
    """Write text the old way; the tables are one to one."""
    return "".join(OLD[font].get(letter, letter) for letter in text)


@pytest.mark.parametrize("font", ["tcvn3", "vni"])
def test_every_small_letter_comes_back(font):
    assert legacy.DECODERS[font](old(LETTERS, font)) == LETTERS


def test_vni_capitals_come_back():
    assert legacy.vni(old(LETTERS.upper(), "vni")) == LETTERS.upper()


def test_known_words_of_both_fonts():
    assert (
        legacy.tcvn3("TØnh B×nh D\xad¬ng, ph\xadêng Phó C\xadêng")
        == "Tỉnh Bình Dương, phường Phú Cường"
    )
    assert legacy.vni("Tænh Bình Döông, phöôøng Phuù Cöôøng") == "Tỉnh Bình Dương, phường Phú Cường"


def test_the_table_is_the_standard_s():
    """glibc knows TCVN 5712, whose letters of VN3 are the same."""
    codes = bytes(code for code in legacy._TCVN3)
    done = subprocess.run(
        ["iconv", "-f", "TCVN5712-1", "-t", "UTF-8"], input=codes, capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"ICONV WITHOUT TCVN5712: {done.stderr!r}")
    assert unicodedata.normalize("NFC", done.stdout.decode()) == legacy.tcvn3(
        codes.decode("latin-1")
    )


@given(st.lists(st.sampled_from(SAID.split()), min_size=4))
def test_what_is_unicode_is_left_alone(words):
    assert legacy.found(" ".join(words)) == ""


@pytest.mark.parametrize("text", ["", "Mã;Số\n", "café crème brûlée à la carte", "Straße; größer"])
def test_other_languages_are_left_alone(text):
    assert legacy.found(text) == ""


@pytest.mark.parametrize("font", ["tcvn3", "vni"])
def test_bytes_of_an_old_font_are_read(tmp_path, font):
    table = f"Mã;Tên;Số\na1;{SAID.replace(';', ',')};1,5\n"
    sheet = opened(file(tmp_path, old(table, font).encode("latin-1")))

    assert sheet.headings == ["Mã", "Tên", "Số"]
    assert rows(sheet) == [["a1", SAID.replace(";", ","), "1,5"]]
    assert "bảng mã cũ" in sheet.notes[0]


@pytest.mark.parametrize("font", ["tcvn3", "vni"])
def test_a_workbook_typed_with_an_old_font_is_read(tmp_path, font):
    path = Path(tmp_path) / "cu.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("Bieu")
        for at, cells in enumerate([["Mã", "Tên", "Số"], ["a1", SAID, 1.5]]):
            sheet.write_row(at, 0, [old(c, font) if isinstance(c, str) else c for c in cells])
    found = opened(path, "xlsx")

    assert found.headings == ["Mã", "Tên", "Số"]
    assert rows(found) == [["a1", SAID, "1.5"]]


@pytest.mark.parametrize("font", ["tcvn3", "vni"])
def test_a_declared_font_needs_no_proof(tmp_path, font):
    sheet = opened(file(tmp_path, old("Mã;Tên\na1;bò\n", font).encode("latin-1")), encoding=font)

    assert rows(sheet) == [["a1", "bò"]]


def test_text_saved_as_utf8_from_an_old_font_is_read(tmp_path):
    sheet = opened(file(tmp_path, old(f"Mã;Tên\na1;{SAID.replace(';', ',')}\n", "tcvn3")))

    assert rows(sheet)[0][1] == SAID.replace(";", ",")
