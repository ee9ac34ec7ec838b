"""Letters and minutes attached to difficulties: one that names the person goes whole."""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from haidang.data.ingest.files import printed, secrecy
from haidang.data.ingest.rules import redaction

Test = Callable[[Sequence[str]], bool]
_WORD = re.compile(r"[\s;,|:()\"<>]+")
_AROUND = ".'“”‘’[]{}"
_PARTS = re.compile(r"(?:word|ppt|xl)/.*\.xml|content\.xml")


def names(path: Path, tests: Iterable[Test]) -> bool:
    """Tell whether any word of a paper is one that goes. Pictures are not looked into."""
    words = {word.strip(_AROUND) for text in _said(path) for word in _WORD.split(text)}
    return any(test([word]) for test in tests for word in words if word)


def _said(path: Path) -> Iterable[str]:
    data = path.read_bytes()
    if data.startswith(b"PK\x03\x04"):
        return _of_letter(path)
    if data.startswith(printed.HEAD):
        return printed.lines(path)
    return [redaction.text_of(data)[0]]


def _of_letter(path: Path) -> Iterator[str]:
    try:
        with zipfile.ZipFile(path) as book:
            for name in filter(_PARTS.fullmatch, book.namelist()):
                yield from secrecy.paragraphs(book.read(name).decode("utf-8", "replace"))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError):
        return
