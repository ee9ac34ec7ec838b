"""Reading a file of waiting rows that somebody corrected; nothing of it is kept."""

from collections.abc import Iterable, Iterator, Sequence

from haidang.data.ingest.errors import TooLargeError, UnreadableFileError
from haidang.data.ingest.files import registers
from haidang.data.ingest.rules.amending import KEY, LINE, RUN, WHY, Sent
from haidang.data.ingest.rules.chunk import Lines
from haidang.foundation.core.text import fold

MOST_BYTES = 20 << 20
MOST_ROWS = 20_000
_OURS = {fold(title) for title in (KEY, RUN, LINE, WHY)}


def read(content: Iterable[bytes], media: str) -> list[Sent]:
    """Return the lines of a file.

    Raises UnreadableFileError, TooLargeError, SecretFileError.
    """
    with registers.opened(
        content, media, lambda heading: fold(heading) in _OURS, MOST_BYTES
    ) as sheet:
        if fold(KEY) not in {fold(heading) for heading in sheet.headings}:
            raise UnreadableFileError(
                f"Tệp thiếu cột “{KEY}”. Tải tệp các dòng chờ xử lý, sửa trong tệp đó rồi gửi lại."
            )
        return list(_sent(sheet.headings, sheet.lines))


def _sent(headings: Sequence[str], chunks: Iterable[Lines]) -> Iterator[Sent]:
    count = 0
    for chunk in chunks:
        count += len(chunk.rows) + len(chunk.broken)
        if count > MOST_ROWS:
            said = f"{MOST_ROWS:,}".replace(",", ".")
            raise TooLargeError(f"Tệp có hơn {said} dòng. Chia thành nhiều tệp rồi gửi lần lượt.")
        for number, _, reason in chunk.broken:
            yield Sent(number, {}, fault=reason.message)
        yield from _lines(headings, chunk)


def _lines(headings: Sequence[str], chunk: Lines) -> Iterator[Sent]:
    names = [_ours(heading) for heading in headings]
    columns = [column.to_pylist() for column in chunk.columns]
    plain = [None if marks is None else marks.to_pylist() for marks in chunk.plain]
    for at, number in enumerate(chunk.rows.to_pylist()):
        cells = {name: column[at] or "" for name, column in zip(names, columns, strict=True)}
        if any(cells.values()):
            stored = (name for name, marks in zip(names, plain, strict=True) if marks and marks[at])
            yield Sent(number, cells, frozenset(stored))


def _ours(heading: str) -> str:
    """Return one of this file's own headings as it is written here, another as it came."""
    return next((one for one in (KEY, RUN, LINE, WHY) if fold(one) == fold(heading)), heading)
