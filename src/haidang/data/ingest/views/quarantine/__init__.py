"""The desk of waiting rows: the list, one row, many at once, a corrected file."""

from haidang.data.ingest.views.quarantine import correcting, desk, selecting

__all__ = ["correcting", "desk", "selecting"]
