"""The side navigation. Each domain registers its entries in apps.ready()."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True)
class Entry:
    """One line of the navigation; `capability` empty: for everyone who is signed in."""

    label: str
    url_name: str
    icon: str
    capability: str
    order: int


@dataclass(frozen=True)
class Item:
    """An entry on a page: its address, and whether the page belongs to it."""

    label: str
    url: str
    icon: str
    current: bool


_entries: dict[str, Entry] = {}
_HOMES = frozenset({"/", "/console/"})


def register(*, label: str, url_name: str, icon: str, capability: str = "", order: int) -> None:
    """Add an entry; `icon` is a name in frontend/icons.mjs. Registering again replaces it."""
    _entries[url_name] = Entry(label, url_name, icon, capability, order)


def items(request: HttpRequest) -> list[Item]:
    """Return the entries that the account of this request may open, in order."""
    shown = [(entry, url) for entry, url in _addresses() if _allowed(request, entry)]
    here = max((url for _, url in shown if _holds(url, request.path)), key=len, default="")
    return [Item(entry.label, url, entry.icon, url == here) for entry, url in shown]


def _holds(url: str, path: str) -> bool:
    """Tell whether a page lies below an entry; the home page has nothing below it."""
    return path == url or (path.startswith(url) and url not in _HOMES)


def _addresses() -> Iterator[tuple[Entry, str]]:
    for entry in sorted(_entries.values(), key=lambda one: one.order):
        try:
            yield entry, reverse(entry.url_name)
        except NoReverseMatch:
            continue  # the domain's pages are not mounted


def _allowed(request: HttpRequest, entry: Entry) -> bool:
    scope = getattr(request, "scope", None)
    if not entry.capability:
        return True
    return bool(scope and scope.allows(entry.capability))
