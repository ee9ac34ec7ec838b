"""XML: elements as rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from haidang.data.ingest.errors import UnreadableFileError
from haidang.data.ingest.files import bounds, markup, objects, paths, trees
from haidang.data.ingest.files.markup import local


def of_xml(path: Path, records: str, lists: str = "") -> Iterator[objects.Item]:
    """Yield the elements named by the last step of `records` ("list.item"; "" for the children
    of the root) as objects: attributes and children by their local names.

    `lists` names the repeated elements, one in the other, as a source's mapping does; then a row
    has the values around it too, as in JSON. Raises UnreadableFileError, TooLargeError.
    """
    if lists and not records:
        yield from objects.numbered(map(paths.flat, trees.rows(document(path), lists)))
        return
    root = markup.root_of(path, bounds.JSON_BYTES)
    wanted = paths.steps(records) if records.strip(". ") else []
    yield from objects.numbered(_found(root, wanted))


def document(path: Path) -> Any:
    """Return a whole document as plain data. Raises UnreadableFileError, TooLargeError."""
    return as_object(markup.root_of(path, bounds.JSON_BYTES))


def _found(root: etree._Element, wanted: list[str]) -> Iterator[Any]:
    at = [root]
    for step in wanted[1:] if wanted and local(root) == wanted[0] else wanted:
        at = [child for one in at for child in one if local(child) == step]
    rows = at if wanted else list(root)
    if not rows:
        names = ", ".join(dict.fromkeys(f"“{local(child)}”" for child in root))
        raise UnreadableFileError(
            f"Không có phần tử “{'.'.join(wanted)}” trong tệp XML. Gốc “{local(root)}” có: {names}."
        )
    for row in rows:
        yield paths.flat(as_object(row))


def as_object(element: etree._Element) -> Any:
    """Return an element as plain data: text alone as text; repeated children as a list."""
    made: dict[str, Any] = {etree.QName(name).localname: said for name, said in element.items()}
    for child in element:
        inner = as_object(child)
        name = local(child)
        if name in made:
            before = made[name]
            made[name] = [*(before if isinstance(before, list) else [before]), inner]
        else:
            made[name] = inner
    text = (element.text or "").strip()
    if not made:
        return text
    return made | {"text": text} if text else made
