"""The text of a PDF, by lines. A scanned page is a picture and has none.

PDFium, with which Chrome reads PDF, is not made for threads: one reads at a time.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
from pypdfium2 import raw

HEAD = b"%PDF"
_PAGES = 50
_one_at_a_time = threading.Lock()


def lines(path: Path, pages: int = _PAGES) -> Iterator[str]:
    """Yield the lines of the first pages with their stamps; none of what cannot be opened."""
    with _one_at_a_time:
        yield from "\n".join(_pages(path, pages)).splitlines()


def _pages(path: Path, pages: int) -> Iterator[str]:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        return  # broken, or closed with a password
    with document:
        for number in range(min(pages, len(document))):
            try:
                yield _text(document, number)
            except pypdfium2.PdfiumError:
                continue


def _text(document: pypdfium2.PdfDocument, number: int) -> str:
    # What stamps and comments say becomes text of the page, which is then read anew.
    raw.FPDFPage_Flatten(document[number], raw.FLAT_NORMALDISPLAY)
    return str(document[number].get_textpage().get_text_bounded())
