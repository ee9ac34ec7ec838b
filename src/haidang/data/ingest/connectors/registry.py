"""Which connectors there are."""

import importlib
from functools import cache
from typing import cast

from haidang.data.ingest.connectors.protocol import Kind, Work
from haidang.data.ingest.errors import IngestError

FOLDERS = ("http", "sql", "sftp", "folder", "mail", "ckan", "dcat", "cap", "ngsi")
_HERE = __package__ or ""


@cache
def kinds() -> dict[str, Kind]:
    """Return every connector by its code, in the order in which they are offered."""
    found = [importlib.import_module(f"{_HERE}.{name}.settings").KIND for name in FOLDERS]
    return {one.code: one for one in found}


def kind(code: str) -> Kind:
    """Return one connector. Raises IngestError."""
    try:
        return kinds()[code]
    except KeyError as error:
        raise IngestError(f"Không có kiểu kết nối “{code}”.") from error


def work(code: str) -> Work:
    """Return what does the work of a connector; its libraries are read now, not before."""
    return cast(Work, importlib.import_module(f"{_HERE}.{kind(code).code}.fetch"))
