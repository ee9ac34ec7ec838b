"""One line of the line protocol as text: its sections, names and values, escapes honoured."""

import re

from haidang.data.ingest.intake.points import Reason

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[iu]?\Z", re.ASCII)
_TRUTH = {
    **dict.fromkeys(["t", "T", "true", "True", "TRUE"], 1.0),
    **dict.fromkeys(["f", "F", "false", "False", "FALSE"], 0.0),
}


class LineError(ValueError):
    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.reason = Reason(field, code, message)


def value(name: str, text: str) -> float:
    if text in _TRUTH:
        return _TRUTH[text]
    if not _NUMBER.match(text):
        raise LineError(name, "type", f"Giá trị “{text[:40]}” của “{name}” không phải là số.")
    return float(text.rstrip("iu"))


def sections(line: str) -> tuple[str, str, str]:
    """Cut a line at its unescaped, unquoted spaces."""
    parts = [part for part in split(line, " ", quotes=True) if part]
    if len(parts) not in (2, 3):
        raise LineError("", "line", "Dòng phải có dạng “tên,thẻ trường=giá trị thời_điểm”.")
    return parts[0], parts[1], parts[2] if len(parts) == 3 else ""


def split(text: str, mark: str, *, quotes: bool) -> list[str]:
    """Split at marks that no backslash precedes and, if asked, that no quotes enclose."""
    parts, begin, at, quoted = [], 0, 0, False
    while at < len(text):
        letter = text[at]
        if letter == "\\":
            at += 1
        elif letter == '"' and quotes and (quoted or text[at - 1 : at] == "="):
            quoted = not quoted
        elif letter == mark and not quoted:
            parts.append(text[begin:at])
            begin = at + 1
        at += 1
    if quoted:
        raise LineError("", "line", "Thiếu dấu nháy kép đóng.")
    return [*parts, text[begin:]]


def partition(pair: str) -> tuple[str, bool, str]:
    parts = split(pair, "=", quotes=True)
    if len(parts) < 2:
        return plain(pair), False, ""
    return plain(parts[0]), True, "=".join(parts[1:])


def measurement_and_tags(text: str) -> tuple[str, dict[str, str]]:
    measurement, *pairs = split(text, ",", quotes=False)
    tags = {}
    for pair in pairs:
        name, found, value = partition(pair)
        if not found or not name or not value:
            raise LineError("", "line", f"Thẻ “{pair[:80]}” không có dạng tên=giá trị.")
        tags[name] = plain(value)
    if not measurement:
        raise LineError("", "line", "Thiếu tên phép đo ở đầu dòng.")
    return plain(measurement), tags


def plain(text: str) -> str:
    """Return a name without the backslashes that protect commas, spaces and equal signs."""
    if not text.isprintable():
        raise LineError("", "line", "Tên không được có ký tự điều khiển.")
    return re.sub(r"\\([,= \\])", r"\1", text) if "\\" in text else text
