"""Finding and blotting out lines of a text file, by the cells that stand in them.

Only what can be parted safely is blotted: a file in which a record may run over several lines, or
whose letters are not single bytes, goes whole.
"""

import re
from collections.abc import Callable, Iterator

Test = Callable[[list[str]], bool]
BLOT = "đã xóa theo yêu cầu của pháp luật"
_CELLS = re.compile(r'[;,\t|{}\[\]"]+|:\s')
_COLON = re.compile(r'":')


def cells(line: str) -> list[str]:
    """Return the cells of a line of CSV, NDJSON or other marked text, without marks."""
    parted = [part.strip(" \t\r\n'\ufeff") for part in _CELLS.split(_COLON.sub('";', line))]
    return [part for part in parted if part]


def text_of(data: bytes) -> tuple[str, str]:
    """Return a file's text and its encoding; every byte is some letter at the end."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace"), "utf-16"
    if data[:400].count(0) > len(data[:400]) // 4:
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace"), "wide"
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def holds(data: bytes, test: Test) -> bool:
    """Tell whether any line of a text file passes the test."""
    return any(test(cells(line)) for line in text_of(data)[0].splitlines())


def blotted(data: bytes, test: Test) -> tuple[bytes, int] | None:
    """Return the file without the lines that pass, and how many; None where it must go whole."""
    text, encoding = text_of(data)
    if encoding not in {"utf-8", "latin-1"} or text.lstrip("\ufeff \t\r\n").startswith("["):
        return None
    lines = text.splitlines(keepends=True)
    if any(line.count('"') % 2 for line in lines):
        return None
    word = BLOT if encoding == "utf-8" else "da xoa theo yeu cau cua phap luat"
    kept, count = [], 0
    for line in lines:
        if test(cells(line)):
            count += 1
            line = word + _ending(line)
        kept.append(line)
    return "".join(kept).encode(encoding), count


def _ending(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def lines(data: bytes) -> Iterator[list[str]]:
    """Yield the cells of each line."""
    for line in text_of(data)[0].splitlines():
        yield cells(line)
