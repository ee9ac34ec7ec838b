"""Who acts, and whether they may, over the supplier's unit and the source's sector."""

from haidang.data.ingest.models import Source
from haidang.foundation.access.api import Scope
from haidang.foundation.core.audit import Actor

By = Scope | Actor
"""A scope is asked; an actor (a job, the demo, another domain's action) was asked before."""


def allowed(by: By, capability: str, source: Source) -> Actor:
    """Return the actor. Raises NotAllowedError."""
    if isinstance(by, Actor):
        return by
    by.require(capability, unit_id=source.supplier_id, sector=source.sector)
    return by.actor
