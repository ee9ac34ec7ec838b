"""Marks of state secrets: a file that bears one is refused before anything of it is kept.

The marks are those of the Law on protection of state secrets (29/2018/QH14): Mật, Tối mật, Tuyệt
mật. A mark is a line, or a cell, that says nothing else: in capitals, or after "Độ mật:".
"""

import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from haidang.data.ingest.files import encodings, legacy

_READ = 1 << 20  # bytes of a text file, and of each part of a workbook, that are looked at
_MARKS = "tuyệt mật|tối mật|mật"
_BARE = re.compile(f"(?:{_MARKS.upper()})")
_LABELLED = re.compile(rf"(?:độ|cấp độ) mật\s*[:\-–]?\s*(?P<mark>{_MARKS})", re.IGNORECASE)
_CELL = re.compile(r"[\t;|,\n\r]+")
_PARTS = re.compile(r"xl/(?:sharedStrings|worksheets/[^/]+|drawings/[^/]+)\.xml")
_STRING = re.compile(r"<(?:\w+:)?(?:t|odd\w+|even\w+|first\w+)(?: [^>]*)?>([^<]*)<")
_PLACE = re.compile(r"&amp;[LCR]")  # before the text of a page's header


def mark_of(path: Path) -> str:
    """Return the mark that a text file or workbook bears ("Tối mật"), or ""."""
    with path.open("rb") as opened:
        head = opened.read(_READ)
    said = _of_book(path) if head.startswith(b"PK\x03\x04") else _CELL.split(_text(head))
    return next(filter(None, map(_mark, said)), "")


def _mark(said: str) -> str:
    bare = " ".join(unicodedata.normalize("NFC", said).strip(" \ufeff\"'*()[]").split())
    found = _LABELLED.fullmatch(bare)
    if found:
        return found["mark"].capitalize()
    return bare.capitalize() if _BARE.fullmatch(bare) else ""


def _text(head: bytes) -> str:
    """Return what the bytes say in the encoding that makes most sense of them."""
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
            for name in filter(_PARTS.fullmatch, book.namelist()):
                with book.open(name) as part:
                    xml = part.read(_READ).decode("utf-8", "replace")
                for text in _STRING.findall(xml):
                    yield from _PLACE.split(text)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError):
        return  # whoever opens it says what is wrong with it
