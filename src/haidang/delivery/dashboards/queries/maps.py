"""The schematic map in force: drawn once per set of points, kept in a file and in memory."""

import hashlib
import json
import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from haidang.delivery.dashboards.rules.areas import Schematic, from_plain, plain
from haidang.foundation.org import api as org


def schematic() -> Schematic | None:
    """Return the diagram of the communes of today; None when none has a place."""
    communes = {unit.id: unit for unit in org.all_units(level="commune")}
    places = org.places("commune")
    ours = tuple(
        _Ours(unit_id, place.lat, place.lon, communes[unit_id].parent_id or 0)
        for unit_id, place in sorted(places.items())
    )
    return _drawn(ours, tuple((one.place.lat, one.place.lon) for one in org.surroundings()))


class _Ours(NamedTuple):
    unit: int
    lat: float
    lon: float
    district: int


_Others = tuple[tuple[float, float], ...]


@lru_cache(maxsize=4)
def _drawn(ours: tuple[_Ours, ...], others: _Others) -> Schematic | None:
    """Return the drawing that follows from these points; only a change of them draws anew."""
    if not ours:
        return None
    digest = hashlib.sha256(json.dumps([ours, others]).encode()).hexdigest()[:20]
    file = Path(settings.DATA_DIR) / "maps" / f"{digest}.json"
    if file.exists():
        return from_plain(json.loads(file.read_text(encoding="utf-8")))
    drawn = _draw(ours, others)
    _keep(file, drawn)
    return drawn


def _draw(ours: Iterable[_Ours], others: _Others) -> Schematic:
    # Only here, and once: Shapely weighs 15 MB that a web process can do without.
    from haidang.delivery.dashboards.rules import schematic as drawing

    places = {one.unit: (one.lat, one.lon) for one in ours}
    return drawing.draw(places, {one.unit: one.district for one in ours}, list(others))


def _keep(file: Path, drawn: Schematic) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_suffix(f".{os.getpid()}")
    written.write_text(json.dumps(plain(drawn)), encoding="utf-8")
    written.replace(file)
