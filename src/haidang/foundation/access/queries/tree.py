"""The organisation's tree, asked when it is needed."""

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    return getattr(import_module("haidang.foundation.org.api"), name)
