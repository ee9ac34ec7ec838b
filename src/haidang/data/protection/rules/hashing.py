"""Recognising removed values without keeping them: one way of writing, then a keyed hash."""

import datetime as dt
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

_NUMBER = re.compile(r"\+?\d{9,20}")
_MARKS = re.compile(r"[\s.\-]")
_BETWEEN = "\x1f"


def key_of(secret: str) -> bytes:
    """Return the key of hashes, made from the installation's secret."""
    return hmac.digest(secret.encode(), b"haidang.removal", "sha256")


def fingerprint(key: bytes) -> str:
    """Return what tells one key from another and discloses neither."""
    return hashlib.sha256(b"fingerprint" + key).hexdigest()[:16]


def written(value: Any) -> str:
    """Return one text for what a file, a form and the lake write in different ways.

    Numbers of papers and telephones count without spaces, points and leading zeros; a file may
    have kept them as numbers.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return moment.astimezone(dt.UTC).isoformat(sep=" ", timespec="microseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    said = " ".join(unicodedata.normalize("NFC", str(value)).casefold().split())
    bare = _MARKS.sub("", said)
    if not _NUMBER.fullmatch(bare):
        return said
    national = f"0{bare[3:]}" if bare.startswith("+84") else bare.lstrip("+")
    return national.lstrip("0")


def of_values(key: bytes, values: Sequence[Any]) -> str:
    """Return the keyed hash of a tuple of values."""
    return of_text(key, "value", _BETWEEN.join(map(written, values)))


def of_text(key: bytes, kind: str, text: str) -> str:
    """Return the keyed hash of a text of one kind ("value", "file")."""
    return hmac.digest(key, f"{kind}\0{text}".encode(), "sha256").hex()[:40]
