"""What reported values of units make for the unit above: sums, ratios of sums, or an estimate."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One unit's value, with numerator and denominator where it gave them."""

    value: float
    numerator: float | None = None
    denominator: float | None = None


@dataclass(frozen=True)
class Whole:
    """The value of the unit above; an estimate where it is a mean without weights."""

    value: float
    numerator: float | None = None
    denominator: float | None = None
    is_estimate: bool = False


def whole(parts: Sequence[Part], *, how: str, scale: float) -> Whole | None:
    """Return what the parts make; None where nothing may be said.

    Parts with numerator and denominator give the ratio of the sums. Else `how` counts: "sum"
    adds, "mean" gives the plain mean and says that it is an estimate.
    """
    if not parts:
        return None
    if all(part.numerator is not None and part.denominator for part in parts):
        above = sum(part.numerator or 0 for part in parts)
        below = sum(part.denominator or 0 for part in parts)
        return Whole(above / below * scale, above, below)
    if how == "sum":
        return Whole(sum(part.value for part in parts))
    if how == "mean":
        return Whole(sum(part.value for part in parts) / len(parts), is_estimate=True)
    return None
