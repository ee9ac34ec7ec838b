"""Telling the outside: the same one door, the same list of addresses."""

from haidang.data.ingest.actions.pulling import workroom
from haidang.data.ingest.connectors import web

SECONDS = 20.0
_TAKEN = frozenset({200, 201, 202, 204})


def send_outside(*, url: str, body: bytes, media: str) -> None:
    """Post a body to an address that HAIDANG_OUTSIDE_ADDRESSES allows. Raises ConnectorError."""
    with workroom(SECONDS) as room:
        asked = web.Request(url, {"Content-Type": media}, {}, "POST", body, taken=_TAKEN)
        web.fetch(asked, room)
