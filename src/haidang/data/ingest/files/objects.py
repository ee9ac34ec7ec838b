"""JSON and NDJSON: objects as rows; a line that is no object waits, it does not stop the rest."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from haidang.data.ingest.errors import TooLargeError, UnreadableFileError
from haidang.data.ingest.files import bounds, paths, trees
from haidang.data.ingest.rules.chunk import Broken
from haidang.data.ingest.rules.values import Reason
from haidang.foundation.core import documents

Item = tuple[int, dict[str, Any]] | Broken
_LINE = 16 << 20
_EXPECTED = 'Gửi một mảng các đối tượng: [{"tên trường": giá trị}, …], hoặc {"rows": […]}.'


def of_json(path: Path, records: str = "", lists: str = "") -> Iterator[Item]:
    """Yield the objects of one JSON document, those at a path where one is given.

    `lists` names the lists, one in the other, that hold them, as a source's mapping does.
    Raises UnreadableFileError, TooLargeError.
    """
    document = parsed(path)
    if records:
        yield from numbered(map(paths.flat, paths.records(document, records)))
    elif trees.is_geojson(document):
        yield from numbered(trees.features(document))
    elif lists:
        yield from numbered(trees.rows(document, lists))
    else:
        rows = document.get("rows") if isinstance(document, dict) else document
        if not isinstance(rows, list):
            raise UnreadableFileError(f"JSON không phải danh sách. {_EXPECTED}")
        yield from numbered(rows)


def numbered(rows: Iterable[Any]) -> Iterator[Item]:
    """Yield rows with their places, counted from 1."""
    for place, row in enumerate(rows, start=1):
        yield _item(place, row)


def parsed(path: Path) -> Any:
    """Return a JSON document. Raises UnreadableFileError, TooLargeError."""
    with path.open("rb") as opened:
        content = opened.read(bounds.JSON_BYTES + 1)
    try:
        return documents.parsed(content, most_bytes=bounds.JSON_BYTES)
    except documents.LargeDocumentError as error:
        raise TooLargeError(error.message, **error.details) from error
    except documents.BrokenDocumentError as error:
        raise UnreadableFileError(f"{error.message} {_EXPECTED}") from error


def of_lines(path: Path, tell: Callable[[int], None]) -> Iterator[Item]:
    """Yield the objects of an NDJSON file; `tell` hears the bytes read."""
    with path.open("rb") as opened:
        seen = 0
        for place, line in enumerate(iter(lambda: opened.readline(_LINE + 1), b""), start=1):
            if len(line) > _LINE:
                raise TooLargeError(
                    f"Dòng {place} dài hơn {_LINE >> 20} MB, mức tối đa cho một đối tượng. "
                    "Kiểm tra lại cách xuống dòng của tệp.",
                    status=413,
                )
            seen += len(line)
            if not place % bounds.ROWS_AT_ONCE:
                tell(seen)
            if line.strip():
                yield _parsed(place, line)


def _parsed(place: int, line: bytes) -> Item:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return _broken(place, line.decode("utf-8", "replace"))
    if line.count(b"[") + line.count(b"{") > documents.LEVELS and documents.is_deep(row):
        return _broken(place, line.decode("utf-8", "replace"))
    return _item(place, row)


def _item(place: int, row: Any) -> Item:
    if isinstance(row, dict):
        return place, row
    return _broken(place, orjson.dumps(row).decode())


def _broken(place: int, text: str) -> Broken:
    shown = text.strip().replace("\x00", "\u2400")[:2000]
    sentence = f"Dòng {place}: không phải một đối tượng JSON. Sửa lại cú pháp rồi gửi lại."
    return place, {"": shown}, Reason("", "not_an_object", sentence)


def text_of(value: Any) -> str | None:
    """Return a JSON value as text; lists and objects as JSON, for the reasons to show."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return orjson.dumps(value).decode()


def is_plain(value: Any) -> bool:
    """Say whether the value is a JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def headings(items: Iterable[Item], enough: int = 1000) -> tuple[list[str], Iterator[Item]]:
    """Return the names that the first objects use, in order, and all the items again."""
    rest = iter(items)
    first = list(itertools.islice(rest, enough))
    names: dict[str, None] = {}
    for item in first:
        if len(item) == 2:
            names |= dict.fromkeys(item[1])
    return list(names), itertools.chain(first, rest)
