"""Reading a register's file (CSV or XLSX) whole: it is small, and nothing of it is kept."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from haidang.data.ingest.errors import SecretFileError, TooLargeError, UnreadableFileError
from haidang.data.ingest.files import secrecy
from haidang.data.ingest.files.opening import Opening, Sheet, open_sheet
from haidang.data.ingest.rules import registers
from haidang.data.ingest.rules.chunk import Lines
from haidang.data.ingest.rules.layout import layout

MOST_BYTES = 5 << 20
MOST_ROWS = 2_000


def lines(
    columns: Sequence[registers.Column], content: Iterable[bytes], media: str
) -> list[registers.Line]:
    """Return the rows of a file. Raises UnreadableFileError, TooLargeError, SecretFileError."""
    with opened(
        content, media, lambda heading: any(one.is_headed(heading) for one in columns)
    ) as sheet:
        if lacking := registers.missing(columns, sheet.headings):
            titles = ", ".join(f"“{title}”" for title in lacking)
            raise UnreadableFileError(f"Tệp thiếu cột {titles}. Tải tệp mẫu để xem đủ các cột.")
        return list(_lines(columns, sheet.headings, sheet.lines))


@contextmanager
def opened(
    content: Iterable[bytes], media: str, known: Callable[[str], bool], most: int = MOST_BYTES
) -> Iterator[Sheet]:
    """Open a small file that is sent; `known` tells its headings. It is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="haidang-register-") as folder:
        path = Path(folder) / "register"
        _write(path, content, most)
        if mark := secrecy.mark_of(path):
            raise SecretFileError(mark)
        yield open_sheet(Opening(path=path, media=media, layout=layout({}), known=known))


def _lines(
    columns: Sequence[registers.Column], headings: Sequence[str], chunks: Iterable[Lines]
) -> Iterator[registers.Line]:
    seen = 0
    for chunk in chunks:
        seen += len(chunk.rows) + len(chunk.broken)
        if seen > MOST_ROWS:
            raise TooLargeError(
                f"Tệp có hơn {MOST_ROWS} dòng. Chia thành nhiều tệp rồi nhập lần lượt."
            )
        for number, _, reason in chunk.broken:
            yield registers.Line(number, {}, (reason.message,))
        cells = zip(*(column.to_pylist() for column in chunk.columns), strict=True)
        rows = [[cell or "" for cell in row] for row in cells]
        yield from registers.read(columns, headings, zip(chunk.rows.to_pylist(), rows, strict=True))


def _write(path: Path, content: Iterable[bytes], most: int) -> None:
    size = 0
    with path.open("wb") as opened:
        for block in content:
            size += len(block)
            if size > most:
                raise TooLargeError(f"Tệp lớn hơn {most >> 20} MB. Chia thành nhiều tệp.")
            opened.write(block)
    if not size:
        raise UnreadableFileError("Tệp trống (0 byte). Chọn lại tệp.")
