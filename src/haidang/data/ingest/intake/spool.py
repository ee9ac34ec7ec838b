"""A request's body on its way in: bounded, inflated, checked to be text, spooled when large."""

import asyncio
import codecs
import os
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, BinaryIO
from uuid import uuid4
from zlib import crc32

from haidang.data.ingest.intake import frames
from haidang.data.ingest.journal import LargeFile

MAX_BYTES = 32 * 1024 * 1024  # after inflating
_PIECE = 1024 * 1024
_HEAD_KEPT = 1024

Receive = Callable[[], Awaitable[dict[str, Any]]]


class TooLargeError(Exception):
    """The body is larger than what one request may bring."""


class EncodingError(Exception):
    """The body is not what its headers say, or not UTF-8."""


class DisconnectedError(Exception):
    """The client left before its body was whole."""


@dataclass(frozen=True)
class Body:
    """A whole body; or its beginning, and the synced file that holds it."""

    head: bytes
    file: LargeFile | None = None


class Receiving:
    """Receive a body: `async with Receiving(headers, receive) as body`. A file that intake has not
    taken over is deleted at the end. Raises TooLargeError, EncodingError, DisconnectedError.
    """

    def __init__(
        self, headers: Sequence[tuple[bytes, bytes]], receive: Receive, *, is_text: bool = True
    ) -> None:
        named = dict(headers)
        self._declared = named.get(b"content-length", b"0")
        self._encoding = named.get(b"content-encoding", b"").strip().lower()
        self._receive, self._is_text = receive, is_text
        self._pieces: list[bytes] = []
        self._size = 0
        self._checksum = 0
        self._name = f"{uuid4().hex}.body"
        self._file: BinaryIO | None = None
        self._letters = codecs.getincrementaldecoder("utf-8")()

    async def __aenter__(self) -> Body:
        try:
            return await self._whole()
        except BaseException:
            self._discard()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._discard()

    async def _whole(self) -> Body:
        if self._declared.isdigit() and int(self._declared) > MAX_BYTES:
            raise TooLargeError
        inflate = self._inflater()
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise DisconnectedError
            more = message.get("more_body", False)
            for piece in inflate(message.get("body", b""), more):
                self._take(piece)
            if not more:
                break
        self._check_text(b"", final=True)
        if self._file is None:
            return Body(b"".join(self._pieces))
        await asyncio.get_running_loop().run_in_executor(None, _finish, self._file)
        head = b"".join(self._pieces)[:_HEAD_KEPT]
        return Body(head, LargeFile(self._name, self._size, self._checksum))

    def _take(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > MAX_BYTES:
            raise TooLargeError
        self._check_text(piece)
        if self._file is not None:
            self._write(piece)
            return
        self._pieces.append(piece)
        if self._size > frames.INLINE_BYTES:
            folder = frames.spool_folder()
            folder.mkdir(parents=True, exist_ok=True)
            self._file = (folder / self._name).open("wb")
            self._write(b"".join(self._pieces))
            self._pieces = [b"".join(self._pieces)[:_HEAD_KEPT]]

    def _write(self, piece: bytes) -> None:
        assert self._file is not None
        self._file.write(piece)
        self._checksum = crc32(piece, self._checksum)

    def _check_text(self, piece: bytes, *, final: bool = False) -> None:
        if not self._is_text:
            return
        if piece.isascii() and not final and not self._letters.getstate()[0]:
            return
        try:
            self._letters.decode(piece, final)
        except UnicodeDecodeError as error:
            raise EncodingError("Nội dung không phải là văn bản UTF-8.") from error

    def _inflater(self) -> "Callable[[bytes, bool], Any]":
        if self._encoding in (b"", b"identity"):
            return lambda piece, more: (piece,)
        if self._encoding != b"gzip":
            raise EncodingError("Chỉ nhận nội dung không nén hoặc nén gzip.")
        return _Gzip().pieces

    def _discard(self) -> None:
        if self._file is not None:
            self._file.close()
            (frames.spool_folder() / self._name).unlink(missing_ok=True)


class _Gzip:
    """Inflates piece by piece, so that a small body cannot become a huge one in memory."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=31)

    def pieces(self, data: bytes, more: bool) -> Any:
        try:
            while data:
                yield self._stream.decompress(data, _PIECE)
                data = self._stream.unconsumed_tail
                if self._stream.eof and self._stream.unused_data:
                    data = self._stream.unused_data
                    self._stream = zlib.decompressobj(wbits=31)
        except zlib.error as error:
            raise EncodingError("Nội dung gzip bị hỏng.") from error
        if not more and not self._stream.eof:
            raise EncodingError("Nội dung gzip bị cắt cụt.")


def _finish(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
