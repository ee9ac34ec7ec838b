"""Marks of state secrets: a file that bears one is refused before anything of it is kept.

The marks are those of the Law on protection of state secrets (29/2018/QH14): Mật, Tối mật, Tuyệt
mật. A mark is a line, cell or paragraph that says nothing else: in capitals, or after "Độ mật:".
Text files, workbooks, letters and slides (DOCX, PPTX, ODT, DOC) and the text of PDF are looked at.
Pictures and scanned pages are not: their letters are drawings.
"""

import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import unescape

from haidang.data.ingest.files import encodings, legacy, printed

_READ = 1 << 20  # bytes of a text file, and of each part of a workbook, that are looked at
_MARKS = "tuyệt mật|tối mật|mật"
_BARE = re.compile(f"(?:{_MARKS.upper()})")
_LABELLED = re.compile(rf"(?:độ|cấp độ) mật\s*[:\-–]?\s*(?P<mark>{_MARKS})", re.IGNORECASE)
_CELL = re.compile(r"[\t;|,\n\r\x07\x0b\x0c]+")  # the last three part cells and lines of DOC
_LETTER = re.compile(
    r"word/(?:document|header\d*|footer\d*|footnotes)\.xml|ppt/slides/[^/]+\.xml|(?:content|styles)\.xml"
)
_PARAGRAPH_END = re.compile(r"</(?:w|a|text):p>|<(?:w:br|w:tab|text:line-break|a:br)\b")
_TAG = re.compile(r"<[^>]*>")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARTS = re.compile(r"xl/(?:sharedStrings|worksheets/[^/]+|drawings/[^/]+)\.xml")
_STRING = re.compile(r"<(?:\w+:)?(?:t|odd\w+|even\w+|first\w+)(?: [^>]*)?>([^<]*)<")
_PLACE = re.compile(r"&amp;[LCR]")  # before the text of a page's header


def mark_of(path: Path) -> str:
    """Return the mark that a file bears ("Tối mật"), or ""."""
    with path.open("rb") as opened:
        head = opened.read(_READ)
    return next(filter(None, map(_mark, _said(path, head))), "")


def _said(path: Path, head: bytes) -> Iterable[str]:
    if head.startswith(b"PK\x03\x04"):
        return _of_book(path)
    if head.startswith(printed.HEAD):
        return printed.lines(path)
    return _CELL.split(_text(head))


def _mark(said: str) -> str:
    bare = " ".join(unicodedata.normalize("NFC", said).strip(" \ufeff\"'*()[]").split())
    found = _LABELLED.fullmatch(bare)
    if found:
        return found["mark"].capitalize()
    return bare.capitalize() if _BARE.fullmatch(bare) else ""


def _text(head: bytes) -> str:
    """Return what the bytes say in the encoding that makes most sense of them."""
    if head.startswith(_OLD_OFFICE):
        return head.decode("utf-16-le", "replace")  # so DOC writes what is not plain Latin
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", "replace")
    if wide := encodings.wide_without_bom(head):
        return head.decode(wide, "replace")
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = head.decode("latin-1")
        font = legacy.found(text)
        return legacy.DECODERS[font](text) if font else head.decode("cp1258", "replace")
    font = legacy.found(text)
    return legacy.DECODERS[font](text) if font else text


def _of_book(path: Path) -> Iterator[str]:
    """Yield the texts of every sheet, hidden ones too, of their page headers and text boxes."""
    try:
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                if _LETTER.fullmatch(name):
                    yield from paragraphs(_xml(book, name))
                elif _PARTS.fullmatch(name):
                    for text in _STRING.findall(_xml(book, name)):
                        yield from _PLACE.split(text)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError):
        return  # whoever opens it says what is wrong with it


def paragraphs(xml: str) -> Iterator[str]:
    """Yield the text of each paragraph of a letter, however its runs are parted."""
    for paragraph in _PARAGRAPH_END.split(xml):
        yield unescape(_TAG.sub("", paragraph))


def _xml(book: zipfile.ZipFile, name: str) -> str:
    with book.open(name) as part:
        return part.read(_READ).decode("utf-8", "replace")
