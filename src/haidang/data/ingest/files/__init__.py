"""Reading what arrives: text tables, workbooks, JSON. Bounded memory, clear refusals."""

from haidang.data.ingest.files.opening import Opening, Sheet, open_sheet

__all__ = ["Opening", "Sheet", "open_sheet"]
