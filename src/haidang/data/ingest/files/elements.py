"""XML: elements as rows, read in bounded memory; no document type, no entity, no address.

A document that declares a type (DOCTYPE) is refused before it is parsed any further: that is
where external entities and bombs of entities come from.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from haidang.data.ingest.errors import TooLargeError, UnreadableFileError
from haidang.data.ingest.files import bounds, objects, paths

_REFUSED = (
    "Tệp XML có khai kiểu tài liệu (DOCTYPE) hoặc thực thể; hệ thống không đọc vì có thể dùng để "
    "tấn công. Bỏ phần khai này rồi gửi lại."
)
_DEEPEST = 100


def of_xml(path: Path, records: str) -> Iterator[objects.Item]:
    """Yield the elements named by the last step of `records` ("list.item"; "" for the children
    of the root) as objects: attributes and children by their local names.

    Raises UnreadableFileError, TooLargeError.
    """
    if path.stat().st_size > bounds.JSON_BYTES:
        raise TooLargeError(
            f"Tệp XML lớn hơn {bounds.JSON_BYTES >> 20} MB. Chia thành nhiều tệp nhỏ hơn."
        )
    refuse_types(path)
    wanted = paths.steps(records) if records.strip(". ") else []
    yield from objects.numbered(_found(path, wanted))


def refuse_types(path: Path) -> None:
    """Raise UnreadableFileError for a document that is no XML, or declares a type or entity."""
    try:
        tree = etree.parse(str(path), _parser())
    except etree.XMLSyntaxError as error:
        raise UnreadableFileError(f"XML sai ở dòng {error.lineno}: {error.msg}.") from error
    about: Any = tree.docinfo  # its stubs lack what it has
    if about.doctype or about.internalDTD is not None:
        raise UnreadableFileError(_REFUSED)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _found(path: Path, wanted: list[str]) -> Iterator[Any]:
    root = etree.parse(str(path), _parser()).getroot()
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


def local(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return etree.QName(element).localname


def as_object(element: etree._Element, depth: int = 0) -> Any:
    """Return an element as plain data: text alone as text; repeated children as a list."""
    if depth > _DEEPEST:
        raise UnreadableFileError("Tệp XML lồng quá sâu.")
    made: dict[str, Any] = {etree.QName(name).localname: said for name, said in element.items()}
    for child in element:
        inner = as_object(child, depth + 1)
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
