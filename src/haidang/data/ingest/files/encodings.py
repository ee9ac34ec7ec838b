"""Which bytes stand for which letters: UTF-8, UTF-16, cp1258, TCVN3, VNI; else it is named."""

import codecs
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from haidang.data.ingest.errors import UnreadableFileError
from haidang.data.ingest.files import legacy

_BLOCK = 1 << 20
_VIETNAMESE = set("ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NAMES = {
    "": "tự nhận",
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1258": "Windows-1258 (tiếng Việt cũ)",
    "tcvn3": "TCVN3 (phông .VnTime)",
    "vni": "VNI (phông VNI-Times)",
    "cp1252": "Windows-1252 (Tây Âu)",
}
_ADVICE = "Trong Excel chọn Lưu thành > “CSV UTF-8”, rồi tải lại."


@dataclass(frozen=True)
class Encoding:
    """How a file's bytes become letters: a codec, then the letters of an old font."""

    codec: str
    font: str = ""

    def read(self, text: str) -> str:
        """Return what the codec's text says."""
        return legacy.DECODERS[self.font](text) if self.font else text


def detect(path: Path, declared: str = "") -> Encoding:
    """Return the encoding that reads the whole file.

    Raises UnreadableFileError that names what the file seems to be, and the first wrong line.
    """
    with path.open("rb") as opened:
        head = opened.read(_BLOCK)
    for bom, codec in _BOMS:
        if head.startswith(bom):
            return _with_font(path, _proved(path, codec))
    if declared in legacy.DECODERS:
        return Encoding("latin-1", declared)
    if declared and declared != "utf-8":
        return Encoding(_proved(path, declared))
    if wide := wide_without_bom(head):
        return _with_font(path, _proved(path, wide))
    wrong = first_wrong_line(path, "utf-8")
    return _with_font(path, "utf-8") if wrong is None else _not_utf8(path, wrong)


def _with_font(path: Path, codec: str) -> Encoding:
    """Unicode may hold what was typed with an old font, as a workbook saved as CSV does."""
    with path.open(encoding=codec) as opened:
        return Encoding(codec, legacy.found(opened.read(_BLOCK)))


def first_wrong_line(path: Path, codec: str) -> int | None:
    """Return the line of the first byte that the codec cannot read."""
    decoder = codecs.getincrementaldecoder(codec)()
    lines = 1
    with path.open("rb") as opened:
        while True:
            block = opened.read(_BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return lines + block[: max(error.start, 0)].count(b"\n")
            lines += text.count("\n")
            if not block:
                return None


def vietnamese_share(text: str) -> float:
    """Return how much of the text's accented part is Vietnamese letters."""
    letters = [letter for letter in unicodedata.normalize("NFC", text.lower()) if letter > "\x7f"]
    if not letters:
        return 0.0
    return sum(letter in _VIETNAMESE for letter in letters) / len(letters)


def _proved(path: Path, codec: str) -> str:
    wrong = first_wrong_line(path, codec)
    if wrong is None:
        return codec
    name = NAMES.get(codec.removesuffix("-sig"), codec)
    raise UnreadableFileError(
        f"Dòng {wrong} của tệp có ký tự không thuộc bảng mã {name}: tệp bị hỏng hoặc trộn nhiều "
        f"bảng mã. {_ADVICE}"
    )


def wide_without_bom(head: bytes) -> str:
    """Every other byte of Latin text in UTF-16 is NUL."""
    sample = head[:4096]
    if len(sample) < 8:
        return ""
    for codec, places in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        if places.count(0) > 0.4 * len(places):
            return codec
    return ""


def _not_utf8(path: Path, wrong: int) -> Encoding:
    before, sample = _around(path, wrong)
    # Letters that UTF-8 did read before the wrong line: somebody has mixed two encodings.
    if before.isascii() and (font := legacy.found(sample.decode("latin-1"))):
        return Encoding("latin-1", font)
    try:
        looks = vietnamese_share(sample.decode("cp1258"))
    except UnicodeDecodeError:
        looks = 0.0
    if looks >= 0.85 and first_wrong_line(path, "cp1258") is None:
        return Encoding("cp1258")
    raise UnreadableFileError(
        f"Tệp không phải UTF-8: dòng {wrong} có ký tự lạ, và không nhận ra bảng mã cũ nào "
        f"(Windows-1258, TCVN3, VNI). {_ADVICE}"
    )


def _around(path: Path, wrong: int) -> tuple[bytes, bytes]:
    """Return the beginning of what stands before a line, and of what follows from it on."""
    before = b""
    with path.open("rb") as opened:
        for _ in range(max(wrong - 1, 0)):
            before += opened.readline()[: max(0, _BLOCK - len(before))]
        return before, opened.read(_BLOCK)
