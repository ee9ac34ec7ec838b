"""JSON from strangers: how much a document may hold is asked before anything of it is built.

A few bytes of JSON can become a hundred in memory ("[],[],…"), so that a document within the limit
of bytes might still cost gigabytes. Every value but the first follows a comma or opens a bracket:
counting these in the bytes is quick, and never says too few.
"""

from typing import Any

import orjson

from haidang.foundation.core.errors import HaidangError

MOST_MAP_BYTES = 80_000_000  # of a map sheet: GeoJSON, or a packed layer
MOST_VALUES = 5_000_000  # about 300 MB at worst
LEVELS = 200  # brackets below which nothing can be nested too deep


class BrokenDocumentError(HaidangError):
    """Không đọc được JSON."""


class LargeDocumentError(HaidangError):
    """JSON lớn hơn mức hệ thống nhận."""


def parsed(content: bytes, *, most_bytes: int) -> Any:
    """Return what a JSON document says. Raises LargeDocumentError, BrokenDocumentError."""
    require_small(content, most_bytes=most_bytes)
    try:
        document = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        said = f"JSON sai ở dòng {error.lineno}, ký tự {error.colno}."
        raise BrokenDocumentError(said) from error
    if content.count(b"[") + content.count(b"{") > LEVELS and is_deep(document):
        raise BrokenDocumentError("JSON lồng quá sâu (hơn 254 tầng); hệ thống không đọc.")
    return document


def require_small(content: bytes, *, most_bytes: int) -> None:
    """Raise LargeDocumentError for more bytes or more values than a document may have."""
    if len(content) > most_bytes:
        raise LargeDocumentError(
            f"Nội dung JSON lớn hơn {most_bytes >> 20} MB. Gửi dạng NDJSON (mỗi dòng một đối "
            "tượng) hoặc chia thành nhiều lần.",
            status=413,
        )
    if sum(content.count(mark) for mark in (b",", b"[", b"{")) > MOST_VALUES:
        shown = f"{MOST_VALUES:,}".replace(",", ".")
        raise LargeDocumentError(
            f"Nội dung JSON có hơn {shown} giá trị, mức tối đa cho một lần. Gửi dạng NDJSON (mỗi "
            "dòng một đối tượng), giản lược đường ranh, hoặc chia thành nhiều lần.",
            status=413,
        )


def is_deep(document: Any) -> bool:
    """Tell whether a document is nested deeper than can be written again (254 levels)."""
    try:
        orjson.dumps(document)
    except orjson.JSONEncodeError:
        return True
    return False
