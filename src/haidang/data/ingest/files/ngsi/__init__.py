"""NGSI-LD: entities and notifications as rows. Nothing is ever fetched, no @context either."""

from haidang.data.ingest.files.ngsi.reading import items

__all__ = ["items"]
