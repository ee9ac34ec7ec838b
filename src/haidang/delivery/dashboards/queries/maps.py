"""The map in force: official boundaries where all communes have one, a diagram otherwise.

It is drawn once per set of shapes or points, and kept in a file and in memory.
"""

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from haidang.delivery.dashboards.rules.areas import Drawing, from_plain, plain
from haidang.foundation.org import api as org


def current() -> Drawing | None:
    """Return the map of the communes of today; None when none has a place or a boundary."""
    communes = org.all_units(level="commune")
    parents = tuple(sorted((unit.id, unit.parent_id or 0) for unit in communes))
    sheets = org.sheets_in_force()
    return (sheets and _official(parents, sheets)) or _diagram()


@lru_cache(maxsize=4)
def _official(
    parents: tuple[tuple[int, int], ...], sheets: tuple[org.SheetRef, ...]
) -> Drawing | None:
    """Return the map of official boundaries; None when they lack a commune."""
    file = _file([parents, [sheet.id for sheet in sheets]])
    if file.exists():
        return _kept(file)
    shapes = org.boundaries(sheets)
    if not all(unit in shapes for unit, _ in parents):
        return None
    # Only here, and once: Shapely weighs 15 MB that a web process can do without.
    from haidang.delivery.dashboards.rules import official

    own = {unit: shapes[unit] for unit, _ in parents}
    source = f"{sheets[0].source}, {sheets[0].decision}"
    return _keep(file, official.draw(own, dict(parents), source, org.archipelagos))


def _diagram() -> Drawing | None:
    communes = {unit.id: unit for unit in org.all_units(level="commune")}
    ours = tuple(
        _Ours(unit_id, place.lat, place.lon, communes[unit_id].parent_id or 0)
        for unit_id, place in sorted(org.places("commune").items())
    )
    return _drawn(ours, tuple((one.place.lat, one.place.lon) for one in org.surroundings()))


class _Ours(NamedTuple):
    unit: int
    lat: float
    lon: float
    district: int


_Others = tuple[tuple[float, float], ...]


@lru_cache(maxsize=4)
def _drawn(ours: tuple[_Ours, ...], others: _Others) -> Drawing | None:
    """Return the drawing that follows from these points; only a change of them draws anew."""
    if not ours:
        return None
    file = _file([ours, others])
    if file.exists():
        return _kept(file)
    from haidang.delivery.dashboards.rules import schematic

    places = {one.unit: (one.lat, one.lon) for one in ours}
    parents = {one.unit: one.district for one in ours}
    return _keep(file, schematic.draw(places, parents, list(others), org.archipelagos))


def _file(key: object) -> Path:
    """Return where the drawing of a key lies; the version changes with the file's form."""
    digest = hashlib.sha256(json.dumps(["v3", key]).encode()).hexdigest()[:20]
    return Path(settings.DATA_DIR) / "maps" / f"{digest}.json"


def _kept(file: Path) -> Drawing:
    return from_plain(json.loads(file.read_text(encoding="utf-8")))


def _keep(file: Path, drawn: Drawing) -> Drawing:
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_suffix(f".{os.getpid()}")
    written.write_text(json.dumps(plain(drawn)), encoding="utf-8")
    written.replace(file)
    return drawn
