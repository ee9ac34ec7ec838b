"""CSV and text tables: which sign parts the cells, and the rows of cells."""

import csv
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from haidang.data.ingest.errors import UnreadableFileError
from haidang.data.ingest.files import bounds

DELIMITERS = ("\t", ";", "|", ",")
NAMES = {"\t": "Tab", ";": "dấu chấm phẩy", "|": "dấu |", ",": "dấu phẩy"}
Row = tuple[int, list[str]]


def sniff(path: Path, codec: str, known: Callable[[str], bool], declared: str = "") -> str:
    """Return the delimiter under which most headings are known, then most rows are even."""
    with path.open(encoding=codec, newline="") as opened:
        sample = "".join(itertools.islice(opened, 200))[: 1 << 20]
    order = ([declared] if declared else []) + [each for each in DELIMITERS if each != declared]
    return max(order, key=lambda each: (*_score(sample, each, known), -order.index(each)))


def rows(
    path: Path, codec: str, delimiter: str, tell: Callable[[int], None] = lambda seen: None
) -> Iterator[Row]:
    """Yield (line, cells) of every row that is not blank; `tell` hears the bytes read.

    Raises what `parted` raises.
    """
    with (
        path.open("rb") as raw,
        open(raw.fileno(), encoding=codec, newline="", closefd=False) as text,
    ):
        for count, row in enumerate(parted(text, delimiter)):
            if not count % bounds.ROWS_AT_ONCE:
                tell(raw.tell())
            yield row


def parted(text: Iterable[str], delimiter: str, line: int = 1) -> Iterator[Row]:
    """Yield the rows of lines of which the first is the file's `line`.

    Raises UnreadableFileError for a quote that never closes.
    """
    reader = csv.reader(text, delimiter=delimiter, skipinitialspace=True)
    before = line
    try:
        for cells in reader:
            if any(cells):
                yield line, cells
            line = before + reader.line_num
    except csv.Error as error:
        raise UnreadableFileError(
            f'Dòng {line}: không tách được các ô, thường do dấu ngoặc kép (") mở mà không '
            "đóng. Sửa dòng này rồi tải lại."
        ) from error


def _score(sample: str, delimiter: str, known: Callable[[str], bool]) -> tuple[int, float]:
    table = _parted(sample, delimiter)
    widths = Counter(len(row) for row in table if any(row))
    several = {width: count for width, count in widths.items() if width > 1}
    headings = max((sum(map(known, row)) for row in table[: bounds.HEADER_SEARCH]), default=0)
    if not several:
        return headings, 0.0
    return headings, round(max(several.values()) / sum(widths.values()), 1)


def _parted(sample: str, delimiter: str) -> list[Sequence[str]]:
    try:
        return list(
            csv.reader(sample.splitlines(keepends=True), delimiter=delimiter, skipinitialspace=True)
        )
    except csv.Error:
        return []
