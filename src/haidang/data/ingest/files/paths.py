"""Where the rows stand in a document: "data.items", "[*].data.items", "$.result.records[*]".

Names are parted by points; `[*]` means every member of a list. "." is the document itself.
Rows are laid flat: {"a": {"b": 1}} becomes {"a.b": 1}.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any

from haidang.data.ingest.errors import UnreadableFileError

_STEP = re.compile(r"\[\*\]|[^.\[\]]+")
_DEEPEST = 8


def steps(path: str) -> list[str]:
    """Return the steps of a path. Raises UnreadableFileError for one that cannot be read."""
    said = path.strip().removeprefix("$")
    found = _STEP.findall(said)
    if "".join(found) != said.replace(".", ""):
        raise UnreadableFileError(
            f"Đường dẫn tới các bản ghi “{path}” chưa đúng. Viết ví dụ data.items hoặc [*].items."
        )
    return found


def records(document: Any, path: str) -> Iterator[Any]:
    """Yield what stands at the path; a list there gives its members.

    Raises UnreadableFileError saying which step is not there.
    """
    at: list[Any] = [document]
    for step in steps(path):
        at = list(itertools.chain.from_iterable(_stepped(one, step, path) for one in at))
    for one in at:
        if isinstance(one, list):
            yield from one
        else:
            yield one


def value(row: Any, path: str) -> Any:
    """Return the one value at a path of names, or None."""
    for step in steps(path):
        row = row.get(step) if isinstance(row, dict) else None
    return row


def flat(row: Any, prefix: str = "", depth: int = 0) -> Any:
    """Lay an object of objects flat; what is not an object stays as it is."""
    if not isinstance(row, dict) or depth > _DEEPEST:
        return row
    laid: dict[str, Any] = {}
    for name, one in row.items():
        full = f"{prefix}{name}"
        inner = flat(one, f"{full}.", depth + 1) if isinstance(one, dict) and one else one
        laid |= inner if isinstance(inner, dict) and inner else {full: inner}
    return laid


def _stepped(one: Any, step: str, path: str) -> list[Any]:
    if step == "[*]":
        if isinstance(one, list):
            return one
        raise UnreadableFileError(f"Theo đường dẫn “{path}”: chỗ [*] không phải danh sách.")
    if isinstance(one, dict) and step in one:
        return [one[step]]
    names = (
        ", ".join(f"“{name}”" for name in list(one)[:8]) if isinstance(one, dict) else "không có"
    )
    raise UnreadableFileError(
        f"Theo đường dẫn “{path}”: không có mục “{step}”. Các mục ở đó: {names}."
    )
