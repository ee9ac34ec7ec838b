"""XML from strangers: no document type, no entity, nothing fetched, bounded size and depth."""

import re
from pathlib import Path

from lxml import etree

from haidang.data.ingest.errors import TooLargeError, UnreadableFileError

MOST_BYTES = 16 << 20
_DEEPEST = 60
_MOST_ELEMENTS = 500_000
_DECLARED = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_REFUSED = (
    "XML có khai kiểu tài liệu (DOCTYPE) hoặc thực thể (ENTITY) ở dòng {line}: hệ thống không đọc, "
    "vì đây là cách tấn công bằng thực thể ngoài. Bỏ phần khai này rồi gửi lại."
)


def root_of(path: Path, most_bytes: int = 0) -> etree._Element:
    """Return the root of a document of at most `most_bytes` (0: MOST_BYTES).

    Raises UnreadableFileError, TooLargeError.
    """
    limit = most_bytes or MOST_BYTES
    if path.stat().st_size > limit:
        raise TooLargeError(f"Tệp XML lớn hơn {limit >> 20} MB. Chia thành nhiều tệp nhỏ hơn.")
    content = path.read_bytes()
    _refuse_declarations(content)
    try:
        root = etree.fromstring(content, _parser())
    except etree.XMLSyntaxError as error:
        raise UnreadableFileError(f"XML sai ở dòng {error.lineno}: {error.msg}.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableFileError(_REFUSED.format(line=1))
    _refuse_depth(root)
    return root


def _refuse_declarations(content: bytes) -> None:
    """Look before the parser does; in UTF-16 every other byte is NUL."""
    found = _DECLARED.search(content)
    if found is None and b"\x00" in content[:200]:
        content = content.replace(b"\x00", b"")
        found = _DECLARED.search(content)
    if found:
        line = content.count(b"\n", 0, found.start()) + 1
        raise UnreadableFileError(_REFUSED.format(line=line))


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


def _refuse_depth(root: etree._Element) -> None:
    level, seen = [root], 0
    for _ in range(_DEEPEST):
        seen += len(level)
        if seen > _MOST_ELEMENTS:
            raise TooLargeError("XML có quá nhiều phần tử. Chia thành nhiều tệp nhỏ hơn.")
        level = [child for one in level for child in one]
        if not level:
            return
    raise UnreadableFileError(f"XML lồng quá {_DEEPEST} tầng; hệ thống không đọc.")


def local(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return etree.QName(element).localname


def space(element: etree._Element) -> str:
    """Return the namespace of an element."""
    return etree.QName(element).namespace or ""


def text(element: etree._Element | None) -> str:
    """Return what stands in an element, trimmed; "" where it is absent."""
    return "" if element is None else (element.text or "").strip()
