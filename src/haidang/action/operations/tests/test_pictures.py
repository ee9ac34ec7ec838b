"""Pictures lose place, camera and person, nothing else."""

import struct
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haidang.action.operations.rules import pictures


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def exif(orientation: int) -> bytes:
    entries = [(0x010F, 2, 4, b"CAM\0"), (0x0112, 3, 1, struct.pack("<HH", orientation, 0))]
    table = b"".join(struct.pack("<HHI", *one[:3]) + one[3] for one in entries)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, len(entries)) + table + b"\0\0\0\0GPS 10.98"


SCAN = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"
TABLES = segment(0xDB, bytes(65)) + segment(0xC4, bytes(20))


def jpeg(*extra: bytes, after: bytes = b"") -> bytes:
    head = b"\xff\xd8" + segment(0xE0, b"JFIF\0" + bytes(9))
    return head + b"".join(extra) + TABLES + SCAN + SCAN + b"\xff\xd9" + after


def test_a_jpeg_loses_its_metadata_and_keeps_its_orientation() -> None:
    dirty = jpeg(
        segment(0xE1, exif(6)),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<creator>An</creator>"),
        segment(0xED, b"Photoshop 3.0\0An"),
        segment(0xFE, b"secret"),
        after=b"a film",
    )
    clean = pictures.without_metadata(dirty)
    for secret in (b"GPS", b"CAM", b"creator", b"Photoshop", b"secret", b"a film"):
        assert secret not in clean
    assert clean.endswith(SCAN + b"\xff\xd9")
    assert pictures.without_metadata(clean) == clean
    assert struct.pack("<HHIH", 0x0112, 3, 1, 6) in clean


def test_a_plain_jpeg_is_unchanged() -> None:
    assert pictures.without_metadata(jpeg()) == jpeg()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def test_a_png_keeps_only_what_draws_it() -> None:
    signature = b"\x89PNG\r\n\x1a\n"
    drawn = chunk(b"IHDR", bytes(13)), chunk(b"IDAT", b"xyz"), chunk(b"IEND", b"")
    dirty = signature + drawn[0] + chunk(b"eXIf", b"GPS") + chunk(b"tEXt", b"Author\0An")
    clean = pictures.without_metadata(dirty + drawn[1] + drawn[2] + b"rest")
    assert clean == signature + b"".join(drawn)


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n\0\0"])
def test_what_is_not_a_whole_picture_is_refused(content: bytes) -> None:
    with pytest.raises(pictures.BrokenPictureError):
        pictures.without_metadata(content)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300), st.integers(0, 300))
def test_garbage_is_refused_or_cleaned_never_a_crash(noise: bytes, cut: int) -> None:
    whole = jpeg(segment(0xE1, exif(3)))
    for content in (whole[:cut] + noise, b"\xff\xd8\xff" + noise, whole[:cut] + whole[cut + 3 :]):
        try:
            clean = pictures.without_metadata(content)
        except pictures.BrokenPictureError:
            continue
        assert b"GPS 10.98" not in clean


def test_types_are_known_by_their_bytes() -> None:
    assert pictures.media_type(jpeg()) == "image/jpeg"
    assert pictures.media_type(b"%PDF-1.7\n") == "application/pdf"
    assert pictures.media_type(b"<svg onload=alert(1)>") == ""
