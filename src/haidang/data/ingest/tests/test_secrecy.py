"""A file that bears a mark of secrecy leaves nothing behind but that it was refused."""

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from haidang.data.ingest import api as ingest
from haidang.data.ingest.errors import SecretFileError
from haidang.data.ingest.files import secrecy
from haidang.data.ingest.models import Run
from haidang.data.ingest.tests.test_legacy import old
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import AuditEntry, StoredFile

from .conftest import HEAD

STEWARD = "thongke.stnmt"
ROW = "25747;20/11/2026;12;;;\n"


def file(folder: Path, content: bytes) -> Path:
    path = folder / "tep"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("MẬT\n", "Mật"),
        ('Sở Y tế;;"TỐI MẬT"\n', "Tối mật"),
        ("\ufeffTUYỆT  MẬT\r\nBáo cáo\n", "Tuyệt mật"),
        ("Độ mật: Mật;Số 12\n", "Mật"),
        ("cấp độ mật - tối mật\n", "Tối mật"),
        ("Mật độ dân số;Sản lượng mật ong\nmật;Mật\nBẢO MẬT;MẬT ĐỘ\n", ""),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_marks_are_known_in_text(tmp_path, text, mark, encoding):
    assert secrecy.mark_of(file(tmp_path, text.encode(encoding))) == mark


def test_a_mark_in_an_old_font_is_known(tmp_path):
    """Capitals of VNI are letters of their own; those of TCVN3 are a matter of the font."""
    text = old("TUYỆT MẬT\nBáo cáo của Ủy ban nhân dân tỉnh Bình Dương\n", "vni")

    assert secrecy.mark_of(file(tmp_path, text.encode("latin-1"))) == "Tuyệt mật"


@pytest.mark.parametrize("place", ["cell", "hidden sheet", "page header"])
def test_marks_are_known_in_workbooks(tmp_path, place):
    path = tmp_path / "so.xlsx"
    with xlsxwriter.Workbook(path) as made:
        shown, other = made.add_worksheet("A"), made.add_worksheet("B")
        shown.write_row(0, 0, ["Mã", "Mật độ"])
        if place == "cell":
            shown.write(900, 3, "TỐI MẬT")
        elif place == "hidden sheet":
            other.write(0, 0, "TỐI MẬT")
            other.hide()
        else:
            shown.set_header("&CTỐI MẬT")
    assert secrecy.mark_of(path) == "Tối mật"


def letter(*paragraphs: str, part: str = "word/document.xml") -> bytes:
    """Return a DOCX with its words in runs of three letters, as word processors part them."""
    runs = "".join(
        "<w:p>"
        + "".join(f"<w:r><w:t>{one[at : at + 3]}</w:t></w:r>" for at in range(0, len(one), 3))
        + "</w:p>"
        for one in paragraphs
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as book:
        book.writestr(part, f"<w:document><w:body>{runs}</w:body></w:document>")
    return made.getvalue()


@pytest.mark.parametrize("part", ["word/document.xml", "word/header2.xml"])
def test_marks_are_known_in_letters(tmp_path, part):
    marked, plain = (
        ("UBND TỈNH", "TUYỆT MẬT", "Số 12"),
        ("Mật độ dân số", "BẢO MẬT", "Tối mật thiết"),
    )
    assert secrecy.mark_of(file(tmp_path, letter(*marked, part=part))) == "Tuyệt mật"
    assert secrecy.mark_of(file(tmp_path, letter(*plain, part=part))) == ""


def test_marks_are_known_in_old_word_documents(tmp_path):
    text = "UBND TỈNH\rTỐI MẬT\rSố 12\r".encode("utf-16-le")
    old_office = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0")
    assert secrecy.mark_of(file(tmp_path, old_office + text)) == "Tối mật"


def pdf(*shown: str, stamped: str = "") -> bytes:
    """Return a PDF of one page with a line of text for each, and one in a stamp."""
    letters = sorted(set("".join(shown) + stamped))
    names = " ".join(f"/uni{ord(one):04X}" for one in letters)
    codes = {one: f"{number:02x}" for number, one in enumerate(letters, 1)}

    def drawn(lines: tuple[str, ...]) -> bytes:
        said = "".join(f"<{''.join(map(codes.get, one))}> Tj 0 -20 Td " for one in lines)
        return f"BT /F 12 Tf 50 700 Td {said} ET".encode()

    font = "/Resources << /Font << /F 4 0 R >> >>"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 5 0 R {font}"
        " /Annots [6 0 R] >>".encode(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding"
        f" << /Type /Encoding /Differences [1 {names}] >> >>".encode(),
        b"<< >> stream\n" + drawn(shown) + b"\nendstream",
        b"<< /Type /Annot /Subtype /Stamp /Rect [0 0 600 800] /F 4 /AP << /N 7 0 R >> >>",
        f"<< /Type /XObject /Subtype /Form /BBox [0 0 600 800] {font} >> stream\n".encode()
        + drawn((stamped,) if stamped else ()) + b"\nendstream",
    ]  # fmt: skip
    made = b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n%b\nendobj\n" % one for one in enumerate(parts, 1))
    return made + b"trailer << /Root 1 0 R >>\n%%EOF"


def test_marks_are_known_in_the_text_of_pdf(tmp_path):
    plain = ("UBND TỈNH", "Mật độ dân số", "BẢO MẬT")
    assert secrecy.mark_of(file(tmp_path, pdf(*plain))) == ""
    assert secrecy.mark_of(file(tmp_path, pdf("UBND TỈNH", "TỐI MẬT", "Số 12"))) == "Tối mật"
    assert secrecy.mark_of(file(tmp_path, pdf(*plain, stamped="TUYỆT MẬT"))) == "Tuyệt mật"


def test_what_cannot_be_opened_bears_no_mark(tmp_path):
    assert secrecy.mark_of(file(tmp_path, b"PK\x03\x04broken")) == ""
    assert secrecy.mark_of(file(tmp_path, bytes(range(256)))) == ""
    assert secrecy.mark_of(file(tmp_path, b"%PDF-1.7 broken")) == ""


def kept() -> set[Path]:
    return {path for path in (settings.DATA_DIR / "files").rglob("*") if path.is_file()}


def test_a_marked_file_is_refused_and_nothing_of_it_is_kept(source, world):
    before, files = kept(), StoredFile.objects.count()
    content = "MẬT\n" + HEAD + ROW

    with pytest.raises(SecretFileError, match="không giữ lại"):
        ingest.load(source=source, file=content.encode(), name="x.csv", by=SYSTEM)

    assert (kept(), StoredFile.objects.count(), Run.objects.count()) == (before, files, 0)
    entry = AuditEntry.objects.get(action="ingest.secret_refused")
    assert entry.changes == {"mark": "Mật"}


def test_the_page_says_what_to_do(source, world):
    page = world.client(STEWARD).post(
        f"/console/sources/{source}/upload/",
        {"file": SimpleUploadedFile("x.csv", ("TỐI MẬT\n" + HEAD + ROW).encode())},
    )

    assert "“Tối mật”" in page.content.decode()
    assert not Run.objects.exists()
