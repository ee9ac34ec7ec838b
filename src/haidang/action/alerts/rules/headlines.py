"""An alert in one short line that can be read from afar. Pure: no database, no clock."""

from haidang.action.alerts.rules.words import (
    ABSENT,
    Reading,
    quantity,
    state_word,
)

_COMPARED = {"pace": "tiến độ", "plan": "kế hoạch", "last_year": "cùng kỳ"}
"""By basis of a threshold: the word by which the change that it judges is known."""

_NAMED_LEVEL = "Mức "


def series_headline(reading: Reading, *, state: str) -> str:
    """Say what is wrong with which figure where.

    "Mực nước Thủ Dầu Một 1,62 m, vượt báo động III";
    "Giải ngân toàn tỉnh 61,4%, chậm nhiều: thấp hơn tiến độ 9,8 điểm %".
    """
    about = _about(reading)
    word = state_word(state, is_hazard=reading.is_hazard)
    if state in ABSENT or reading.value is None:
        return f"{about}: {word}"
    amount = quantity(reading.value, reading.unit_of_measure, reading.decimals)
    return f"{about} {amount}, {_wrong(reading, state, word)}"


def source_headline(title: str, *, state: str) -> str:
    """Say which source is silent or sends what cannot be used."""
    return f"{title}: {state_word(state)}"


def _about(reading: Reading) -> str:
    place = reading.place or reading.unit_name
    return (
        reading.name if place.casefold() in reading.name.casefold() else f"{reading.name} {place}"
    )


def _wrong(reading: Reading, state: str, word: str) -> str:
    if reading.basis in _COMPARED:
        change = next((one for one in reading.notes if _COMPARED[reading.basis] in one), "")
        return f"{word}: {change[:1].lower()}{change[1:]}" if change else word
    crossed = _crossed(reading, state)
    if crossed is None:  # it eased a little, not yet enough to leave the state
        return f"còn ở mức {word}" if reading.is_hazard else word
    side, limit = crossed
    if side == "vượt" and state == "critical" and (name := _level_name(reading.legal_basis)):
        return f"vượt {name}"
    decimals = 0 if limit == int(limit) else reading.decimals
    written = quantity(limit, reading.unit_of_measure, decimals)
    if reading.is_hazard:
        return f"{side} ngưỡng {word} {written}"
    return f"{word} ({'trên' if side == 'vượt' else 'dưới'} {written})"


def _crossed(reading: Reading, state: str) -> tuple[str, float] | None:
    """Return the side on which a level was crossed, and the level; None when it was not."""
    high = {"watch": reading.watch, "critical": reading.critical}.get(state)
    low = {"watch": reading.watch_low, "critical": reading.critical_low}.get(state)
    value = reading.value or 0.0
    if low is not None and value <= low:
        return "dưới", low
    if high is None:
        return None
    if _is_better_higher(reading):
        return ("dưới", high) if value <= high else None
    return ("vượt", high) if value >= high else None


def _is_better_higher(reading: Reading) -> bool:
    watch, critical = reading.watch, reading.critical
    return watch is not None and critical is not None and critical < watch


def _level_name(legal_basis: str) -> str:
    """Return the name that a legal basis gives its level: "Mức báo động III: 1,60 m"."""
    name, colon, _rest = legal_basis.partition(":")
    return name.removeprefix(_NAMED_LEVEL) if colon and name.startswith(_NAMED_LEVEL) else ""
