"""The pages of devices: register, one device, import, events, gaps."""

from haidang.data.ingest.views.devices import changing, importing, listing, one

__all__ = ["changing", "importing", "listing", "one"]
