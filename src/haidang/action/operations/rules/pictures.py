"""A copy of a picture without its metadata (place, camera, person), only its orientation kept.

Works on the bytes of JPEG and PNG; no picture library, no re-encoding, no loss.
"""

import re
import struct
from collections.abc import Iterator

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
_APP1, _SCAN, _END = 0xE1, 0xDA, 0xD9
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {
    b"IHDR",
    b"PLTE",
    b"IDAT",
    b"IEND",
    b"tRNS",
    b"gAMA",
    b"cHRM",
    b"sRGB",
    b"iCCP",
    b"sBIT",
    b"pHYs",
}


class BrokenPictureError(ValueError):
    """The bytes are not a whole picture."""


def media_type(content: bytes) -> str:
    """Return what the bytes are, whatever their name says; "" when it is nothing we take."""
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(_PNG_SIGNATURE):
        return PNG
    return PDF if content.startswith(b"%PDF-") else ""


def without_metadata(content: bytes) -> bytes:
    """Return the picture without EXIF, XMP, IPTC and comments. Raises BrokenPictureError."""
    kind = media_type(content)
    try:
        if kind == JPEG:
            return _clean_jpeg(content)
        if kind == PNG:
            return _PNG_SIGNATURE + b"".join(_kept_chunks(content))
    except (struct.error, IndexError) as error:
        raise BrokenPictureError from error
    raise BrokenPictureError


def _clean_jpeg(content: bytes) -> bytes:
    kept, orientation = [b"\xff\xd8"], 1
    for marker, segment in _segments(content):
        if marker == _APP1 and segment[4:10] == b"Exif\0\0":
            orientation = _orientation(segment[10:])
        if _is_kept(marker):
            kept.append(segment)
    if orientation != 1:
        kept.insert(1, _orientation_segment(orientation))
    return b"".join(kept)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (marker, bytes) up to the end of the picture; what a phone appends is left out."""
    at, marker = 2, 0
    while marker != _END:
        if content[at] != 0xFF:
            raise BrokenPictureError
        marker = content[at + 1]
        end = at + 2 if marker == _END else _segment_end(content, at, marker)
        yield marker, content[at:end]
        at = end


def _segment_end(content: bytes, at: int, marker: int) -> int:
    (length,) = struct.unpack_from(">H", content, at + 2)
    end = at + 2 + int(length)
    if length < 2 or end > len(content):
        raise BrokenPictureError
    if marker != _SCAN:
        return end
    after = _MARKER.search(content, end)  # the picture's own bytes follow its scan's header
    if after is None:
        raise BrokenPictureError
    return after.start()


def _is_kept(marker: int) -> bool:
    is_application = 0xE0 <= marker <= 0xEF and marker not in (0xE0, 0xE2, 0xEE)
    return not is_application and marker != 0xFE


def _orientation(tiff: bytes) -> int:
    order = "<" if tiff[:2] == b"II" else ">"
    (first,) = struct.unpack_from(order + "I", tiff, 4)
    (entries,) = struct.unpack_from(order + "H", tiff, first)
    for index in range(min(entries, 200)):
        tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, first + 2 + 12 * index)
        if tag == 0x0112 and 1 <= value <= 8:
            return int(value)
    return 1


def _orientation_segment(orientation: int) -> bytes:
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _kept_chunks(content: bytes) -> Iterator[bytes]:
    at, name = len(_PNG_SIGNATURE), b""
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", content, at)
        chunk = content[at : at + 12 + length]
        if len(chunk) != 12 + length:
            raise BrokenPictureError
        if name in _PNG_KEPT:
            yield chunk
        at += 12 + length
