"""The table of results, as text and as Markdown."""

from collections.abc import Sequence

from tests.verification.crash.runner import Result

_HEADS = (
    "What breaks", "At which stage", "acknowledged", "in the lake", "in quarantine", "missing",
    "doubled", "half visible",
)  # fmt: skip


def markdown(results: Sequence[Result]) -> str:
    """Return one line per fault and stage, its rounds summed, and a line of totals."""
    lines = [f"| {' | '.join(_HEADS)} |", f"|{'---|---|' + '---:|' * 6}"]
    grouped: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        key = (result.case.fault.name, result.case.stage.title)
        grouped.setdefault(key, []).append(result)
    for (fault, stage), members in grouped.items():
        lines.append(f"| {fault} | {stage} | {' | '.join(_sums(members))} |")
    total = [f"**{number}**" for number in _sums(results)]
    lines.append(f"| **{len(results)} runs of {len(grouped)} cases** | | {' | '.join(total)} |")
    return "\n".join(lines) + "\n"


def _sums(results: Sequence[Result]) -> list[str]:
    numbers = (
        sum(r.acknowledged for r in results),
        sum(r.in_lake for r in results),
        sum(r.quarantined for r in results),
        sum(r.missing for r in results),
        sum(r.doubled for r in results),
        sum(len(r.half_visible) + bool(r.failure) for r in results),
    )
    return [f"{number:,}" for number in numbers]
