"""The rows that benchmarks print: ours and a peer's median from the same interleaved run."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass
class Row:
    """One comparison; ratio is above 1 when ours is better. `peer` None: a baseline alone."""

    name: str
    ours: float
    peer: float | None
    ratio: float | None
    unit: str
    note: str = ""


def table(rows: Iterable[Row]) -> str:
    """Return the rows as an aligned text table."""
    lines = [f"{'name':44} {'ours':>14} {'peer':>14} {'ratio':>8}  unit"]
    for row in rows:
        peer = "-" if row.peer is None else f"{row.peer:,.1f}"
        ratio = "-" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append(
            f"{row.name:44} {row.ours:14,.1f} {peer:>14} {ratio:>8}  {row.unit} {row.note}"
        )
    return "\n".join(lines)
