"""CAP 1.1 and 1.2: alerts by themselves, inside Atom and inside EDXL, as rows."""

from haidang.data.ingest.files.cap.reading import items

__all__ = ["items"]
