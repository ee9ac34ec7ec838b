"""What a board is made of, read from its definition (plain data) with every mistake named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from haidang.delivery.dashboards.errors import BadBoardError

KINDS = ("figure", "trend", "ranking", "map", "alerts", "tickets", "owing")
WITH_INDICATOR = ("trend", "ranking")
LEVELS = ("province", "district", "commune")
MOST_TILES = 40


@dataclass(frozen=True)
class TileSpec:
    """One part of a board. `choices` are the indicators that a map may be coloured by."""

    kind: str
    indicator: str = ""
    title: str = ""
    choices: tuple[str, ...] = ()
    limit: int = 5
    # Shown only on boards of these levels; empty: on all.
    levels: tuple[str, ...] = ()

    def fits(self, level: str) -> bool:
        return not self.levels or level in self.levels


@dataclass(frozen=True)
class BoardSpec:
    """A whole board: its parts in order, and how many figures it shows at most.

    Where a unit or a sector has no figure for a tile, the next ones fill its place.
    """

    code: str
    title: str
    figures: int
    tiles: tuple[TileSpec, ...] = field(default=())

    def of_kind(self, kind: str, level: str) -> list[TileSpec]:
        return [tile for tile in self.tiles if tile.kind == kind and tile.fits(level)]


def read(definition: Mapping[str, Any]) -> BoardSpec:
    """Return the board of a definition. Raises BadBoardError, naming the place."""
    _only(definition, {"code", "title", "figures", "tiles"}, "bảng")
    tiles = definition.get("tiles")
    if not isinstance(tiles, Sequence) or isinstance(tiles, str) or not tiles:
        raise BadBoardError("Bảng điều hành phải có ít nhất một ô trong “tiles”.")
    if len(tiles) > MOST_TILES:
        raise BadBoardError(f"Bảng điều hành có tối đa {MOST_TILES} ô.")
    return BoardSpec(
        code=_text(definition, "code", "bảng"),
        title=_text(definition, "title", "bảng"),
        figures=_count(definition, "figures", "bảng", 12),
        tiles=tuple(_tile(tile, f"ô {number}") for number, tile in enumerate(tiles, start=1)),
    )


def _tile(given: Any, place: str) -> TileSpec:
    if not isinstance(given, Mapping):
        raise BadBoardError(f"{place}: phải là một đối tượng.")
    _only(given, {"kind", "indicator", "title", "choices", "limit", "levels"}, place)
    kind = _text(given, "kind", place)
    if kind not in KINDS:
        raise BadBoardError(f"{place}: không có loại “{kind}”; các loại là {', '.join(KINDS)}.")
    if kind in (*WITH_INDICATOR, "figure"):
        _text(given, "indicator", place)
    if kind == "map" and not _words(given, "choices", place):
        raise BadBoardError(f"{place}: bản đồ cần ít nhất một chỉ tiêu trong “choices”.")
    return TileSpec(
        kind=kind,
        indicator=given.get("indicator", ""),
        title=given.get("title", ""),
        choices=_words(given, "choices", place),
        limit=_count(given, "limit", place, 5),
        levels=_levels(given, place),
    )


def _levels(given: Mapping[str, Any], place: str) -> tuple[str, ...]:
    levels = _words(given, "levels", place)
    for level in levels:
        if level not in LEVELS:
            raise BadBoardError(f"{place}: không có cấp “{level}”; các cấp là {', '.join(LEVELS)}.")
    return levels


def _text(given: Mapping[str, Any], key: str, place: str) -> str:
    value = given.get(key)
    if not isinstance(value, str) or not value.strip():
        raise BadBoardError(f"{place}: thiếu “{key}”.")
    return value


def _words(given: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
    value = given.get(key, [])
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise BadBoardError(f"{place}: “{key}” phải là danh sách chữ.")
    return tuple(value)


def _count(given: Mapping[str, Any], key: str, place: str, default: int) -> int:
    value = given.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_TILES:
        raise BadBoardError(f"{place}: “{key}” phải là số từ 1 đến {MOST_TILES}.")
    return value


def _only(given: Mapping[str, Any], known: set[str], place: str) -> None:
    if unknown := sorted(set(given) - known):
        raise BadBoardError(f"{place}: không có mục “{unknown[0]}”.")
