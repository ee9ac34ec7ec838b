"""The schematic map in force: drawn once per set of points, kept in a file and in memory."""

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from haidang.delivery.dashboards.rules.areas import Schematic, from_plain, plain
from haidang.foundation.org import api as org


def schematic() -> Schematic | None:
    """Return the diagram of the communes of today; None when none has a place."""
    given = json.dumps(_given(), sort_keys=True)
    return _drawn(given)


def _given() -> dict[str, Any]:
    """Return what the drawing follows from; only a change of these draws anew."""
    communes = {unit.id: unit for unit in org.all_units(level="commune")}
    places = org.places("commune")
    return {
        "ours": {str(unit_id): (place.lat, place.lon) for unit_id, place in places.items()},
        "parents": {str(unit_id): communes[unit_id].parent_id for unit_id in places},
        "others": [(one.place.lat, one.place.lon) for one in org.surroundings()],
    }


@lru_cache(maxsize=4)
def _drawn(given: str) -> Schematic | None:
    points = json.loads(given)
    if not points["ours"]:
        return None
    digest = hashlib.sha256(given.encode()).hexdigest()[:20]
    file = Path(settings.DATA_DIR) / "maps" / f"{digest}.json"
    if file.exists():
        return from_plain(json.loads(file.read_text(encoding="utf-8")))
    drawn = _draw(points)
    _keep(file, drawn)
    return drawn


def _draw(points: dict[str, Any]) -> Schematic:
    # Only here, and once: Shapely weighs 15 MB that a web process can do without.
    from haidang.delivery.dashboards.rules import schematic as drawing

    ours = {int(unit): (lat, lon) for unit, (lat, lon) in points["ours"].items()}
    parents = {int(unit): parent for unit, parent in points["parents"].items()}
    return drawing.draw(ours, parents, [(lat, lon) for lat, lon in points["others"]])


def _keep(file: Path, drawn: Schematic) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_suffix(f".{os.getpid()}")
    written.write_text(json.dumps(plain(drawn)), encoding="utf-8")
    written.replace(file)
