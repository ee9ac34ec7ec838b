"""The sentence that a board begins with: what a chairman can read aloud."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


class Seen(Protocol):
    """A figure's state and completeness."""

    @property
    def state(self) -> str: ...
    @property
    def reported(self) -> int: ...
    @property
    def expected(self) -> int: ...


@dataclass(frozen=True)
class Phrase:
    """A part of the sentence; a state gives it its colour and sign."""

    text: str
    state: str = ""


@dataclass(frozen=True)
class Count:
    """How many figures are in each state, and how complete they are together."""

    critical: int
    watch: int
    stale: int
    no_data: int
    normal: int
    complete: float | None

    @property
    def total(self) -> int:
        return self.critical + self.watch + self.stale + self.no_data + self.normal


def count(figures: Iterable[Seen]) -> Count:
    """Count figures by state; completeness is units reported over units expected."""
    seen = list(figures)
    by = {code: sum(one.state == code for one in seen) for code in ("critical", "watch", "stale")}
    expected = sum(one.expected for one in seen)
    reported = sum(min(one.reported, one.expected) for one in seen)
    return Count(
        **by,
        no_data=sum(one.state == "no_data" for one in seen),
        normal=sum(one.state == "normal" for one in seen),
        complete=reported / expected if expected else None,
    )


def phrases(counted: Count, open_alerts: int | None, blind: int) -> list[Phrase]:
    """Return the sentence's parts, the worst first; what is zero is left out."""
    said = [
        (blind, Phrase(f"{blind} nguồn mất số liệu", "stale")),
        (counted.critical, Phrase(f"{counted.critical} nguy hiểm hoặc chậm nhiều", "critical")),
        (counted.watch, Phrase(f"{counted.watch} theo dõi hoặc chậm", "watch")),
        (counted.stale, Phrase(f"{counted.stale} chậm cập nhật", "stale")),
        (counted.no_data, Phrase(f"{counted.no_data} chưa có số liệu", "no_data")),
    ]
    parts = [phrase for number, phrase in said if number]
    if open_alerts:
        parts.insert(0, Phrase(f"{open_alerts} cảnh báo đang mở", "critical"))
    parts.append(_well(counted))
    if counted.complete is not None:
        parts.append(Phrase(f"dữ liệu đủ {round(counted.complete * 100)}%"))
    return parts


def _well(counted: Count) -> Phrase:
    if counted.total and counted.normal == counted.total:
        return Phrase(f"cả {counted.total} chỉ tiêu bình thường, đúng tiến độ", "normal")
    return Phrase(f"{counted.normal}/{counted.total} chỉ tiêu bình thường, đúng tiến độ")
