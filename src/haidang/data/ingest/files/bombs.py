"""An XLSX is a zip: what it would become is measured before anything opens it.

The directory's own sizes may lie, so every entry is inflated once, a block at a time, and
counted; and one lonely cell at XFD1048576 would make a reader lay out 17 billion cells.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from haidang.data.ingest.errors import TooLargeError, UnreadableFileError
from haidang.data.ingest.files import bounds

_BLOCK = 1 << 20
_LOCAL = struct.Struct("<4s22xHH")
_CELL_COLUMN = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3})\d')
_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?\br="(\d{1,9})"')
_NOT_A_BOOK = "Tệp không phải sổ tính XLSX, hoặc đã hỏng. Mở bằng Excel, lưu lại rồi tải lên."
_BOMB = (
    "Tệp XLSX phình quá lớn khi giải nén ({what}), có dấu hiệu là tệp phá hoại. "
    "Tách thành nhiều tệp nhỏ hơn hoặc lưu thành CSV."
)


def inspect(path: Path) -> None:
    """Raise UnreadableFileError or TooLargeError when a workbook must not be opened."""
    try:
        with zipfile.ZipFile(path) as book:
            entries = book.infolist()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError) as error:
        raise UnreadableFileError(_NOT_A_BOOK) from error
    _check_directory(entries, path.stat().st_size)
    with path.open("rb") as opened:
        total = 0
        for entry in entries:
            total = _check_entry(opened, entry, total)


def _check_directory(entries: list[zipfile.ZipInfo], size: int) -> None:
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise UnreadableFileError(_NOT_A_BOOK)
    if len(entries) > bounds.BOOK_ENTRIES:
        raise TooLargeError(_BOMB.format(what=f"{len(entries)} phần"))
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableFileError("Tệp XLSX đặt mật khẩu. Bỏ mật khẩu rồi tải lại.")
    total = sum(entry.file_size for entry in entries)
    if total > bounds.BOOK_BYTES or (total > _BLOCK * 16 and total > size * bounds.BOOK_RATIO):
        raise TooLargeError(_BOMB.format(what=f"{total // 2**20} MB"))


def _check_entry(opened: BinaryIO, entry: zipfile.ZipInfo, total: int) -> int:
    extent = _Extent() if entry.filename.startswith("xl/worksheets/") else None
    for block in _inflated(opened, entry):
        total += len(block)
        if total > bounds.BOOK_BYTES:
            raise TooLargeError(_BOMB.format(what=f"hơn {bounds.BOOK_BYTES // 2**20} MB"))
        if extent is not None:
            extent.see(block)
    return total


class _Extent:
    """How far a sheet reaches: its rows times its columns is what a reader lays out."""

    def __init__(self) -> None:
        self.tail = b""
        self.columns: set[bytes] = set()
        self.last_row = 1

    def see(self, block: bytes) -> None:
        text = self.tail + block
        self.columns.update(_CELL_COLUMN.findall(text))
        self.last_row = max([self.last_row, *map(int, _ROW.findall(text))])
        self.tail = text[-200:]
        width = max((_number(name) for name in self.columns), default=1)
        if width > bounds.BOOK_COLUMNS:
            raise TooLargeError(too_many_columns(width))
        if width * self.last_row > bounds.BOOK_CELLS:
            raise TooLargeError(
                f"Trang tính trải tới dòng {self.last_row}, {width} cột: quá lớn để nạp từ XLSX. "
                "Xóa các dòng trống ở cuối, hoặc lưu thành CSV."
            )


def too_many_columns(found: int) -> str:
    """Say that a table is too wide."""
    shown, most = (f"{number:,}".replace(",", ".") for number in (found, bounds.COLUMNS))
    return (
        f"Tệp có {shown} cột, tối đa cho phép là {most}. "
        "Kiểm tra lại tệp, hoặc xoay bảng để mỗi dòng là một bản ghi."
    )


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _inflated(opened: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield what the entry's bytes really become, whatever its header says."""
    opened.seek(entry.header_offset)
    head = opened.read(_LOCAL.size)
    if len(head) < _LOCAL.size or head[:4] != b"PK\x03\x04":
        raise UnreadableFileError(_NOT_A_BOOK)
    _, name, extra = _LOCAL.unpack(head)
    opened.seek(name + extra, 1)
    left = entry.compress_size
    if entry.compress_type == zipfile.ZIP_STORED:
        yield from _stored(opened, left)
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        yield from _deflated(opened, left)
    else:
        raise UnreadableFileError(_NOT_A_BOOK)


def _stored(opened: BinaryIO, left: int) -> Iterator[bytes]:
    while left > 0 and (block := opened.read(min(left, _BLOCK))):
        left -= len(block)
        yield block


def _deflated(opened: BinaryIO, left: int) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-15)
    try:
        for packed in _stored(opened, left):
            yield inflater.decompress(packed, _BLOCK)
            while inflater.unconsumed_tail:
                yield inflater.decompress(inflater.unconsumed_tail, _BLOCK)
    except zlib.error as error:
        raise UnreadableFileError(_NOT_A_BOOK) from error
