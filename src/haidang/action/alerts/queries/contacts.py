"""Whom to call about an alert."""

from dataclasses import dataclass
from datetime import date

from haidang.foundation.org import api as org


@dataclass(frozen=True)
class Contact:
    """A person of the owner unit who can be called."""

    name: str
    title: str
    phone: str


def contacts(unit_id: int, *, on: date, limit: int = 3) -> list[Contact]:
    """Return the unit's people with a telephone, those who do the work before their head."""
    people = sorted(org.officers(unit_id, on), key=lambda one: one.is_head)
    return [Contact(one.name, one.title, one.phone) for one in people if one.phone][:limit]
