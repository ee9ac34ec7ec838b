"""What a value came with, told by the domains above.

Imports go down only, so these domains register themselves here when they are loaded.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from haidang.insight.indicators.rules.lineage import Reference

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope

Origin = Callable[[int, "Scope"], Reference | None]

_origins: dict[str, Origin] = {}


def register_origin(kind: str, find: Origin) -> None:
    """Have a domain tell of values whose lineage is "kind:number"; None where a scope may not."""
    _origins[kind] = find


def reference(lineage: str, scope: "Scope") -> Reference | None:
    """Return what a value of lineage "report:17" came with, if its domain tells."""
    kind, _, number = lineage.partition(":")
    find = _origins.get(kind)
    return find(int(number), scope) if find is not None and number.isdigit() else None
