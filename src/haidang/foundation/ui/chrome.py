"""The frame of every work page. Upper domains provide its parts; each is asked only when shown.

Parts: "centre" (the Centre's own name and its province), "path" (list of (name, url), root first),
"map" (the map in force, one line), "inbox" (unread messages), "inbox_url", "account_links".
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import cached_property

from haidang.foundation.ui import navigation

Part = Callable[[HttpRequest], Any]
_parts: dict[str, Part] = {}


def provide(name: str, part: Part) -> None:
    """Let `part(request)` fill the named part of the frame."""
    _parts[name] = part


class Chrome:
    """What a page's frame shows for one request."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def _part(self, name: str, otherwise: Any = None) -> Any:
        part = _parts.get(name)
        return part(self._request) if part else otherwise

    @cached_property
    def navigation(self) -> list[navigation.Item]:
        if not self._request.user.is_authenticated:
            return []
        return navigation.items(self._request)

    @cached_property
    def centre(self) -> tuple[str, str]:
        return self._part("centre") or ("Trung tâm IOC", "Giám sát, điều hành thông minh")

    @cached_property
    def path(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = self._part("path", [])
        return found

    @cached_property
    def map(self) -> str:
        found: str = self._part("map", "")
        return found

    @cached_property
    def inbox(self) -> int:
        found: int = self._part("inbox", 0)
        return found

    @cached_property
    def inbox_url(self) -> str:
        found: str = self._part("inbox_url", "")
        return found

    @cached_property
    def account_links(self) -> list[tuple[str, str, str]]:
        """Lines of the account menu: label, address, icon."""
        found: list[tuple[str, str, str]] = self._part("account_links", [])
        return found

    @property
    def demo(self) -> bool:
        return bool(settings.DEMO)


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `chrome`."""
    return {"chrome": Chrome(request)}
