"""Where the built styles, scripts, fonts and icons are. Their names carry a hash."""

import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static

BUILD = Path(__file__).parent / "static" / "ui" / "build"


def built(name: str) -> str:
    """Return the address of a built file by its short name: "styles.css"."""
    names = _read() if settings.DEBUG else _names()
    return static(f"ui/build/{names.get(name, name)}")


def _read() -> dict[str, str]:
    file = BUILD / "manifest.json"
    if not file.exists():
        return {}
    names: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return names


_names = cache(_read)
