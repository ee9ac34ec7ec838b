"""Run cases one after the other on a platform, then count what each left."""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.verification.crash.cases import Case
from tests.verification.crash.load import Load, is_bad
from tests.verification.crash.rig import Rig

Say = Callable[[str], None]


@dataclass
class Result:
    """What became of one case's readings."""

    case: Case
    load: Load
    seconds: float = 0.0
    half_visible: list[str] = field(default_factory=list)
    failure: str = ""
    acknowledged: int = 0
    in_lake: int = 0
    quarantined: int = 0
    missing: int = 0
    doubled: int = 0
    wrong: int = 0

    @property
    def is_right(self) -> bool:
        bad = self.missing or self.doubled or self.wrong or self.half_visible or self.failure
        return not bad and self.acknowledged > 0


@dataclass(frozen=True)
class Found:
    """What the keeper counted when everything had settled."""

    rows: dict[str, list[tuple[int, float, int]]]  # device: moment, value, how often
    waiting: dict[str, Counter[int]]  # device: moment, how often in the quarantine
    unreconciled: list[str]


def run(rig: Rig, cases: Sequence[Case], say: Say, first: int = 0) -> list[Result]:
    """Run the cases and return what each left, counted when all have ended."""
    results = [
        Result(case, Load(f"c{number:03d}", case.stage.kinds))
        for number, case in enumerate(cases, first)
    ]
    pulling = {r.load.source: str(rig.dropped / r.load.source) for r in results if _pulls(r)}
    made = rig.ask(
        "prepare", sources={r.load.source: r.load.devices for r in results}, folders=pulling
    )
    for number, result in enumerate(results, 1):
        began = time.monotonic()
        try:
            _one(rig, result, made)
        except (TimeoutError, RuntimeError) as error:
            result.failure = str(error)
            rig.let_go()
        finally:
            result.load.end()
        result.seconds = time.monotonic() - began
        told = sum(len(moments) for moments in result.load.noted().values())
        say(
            f"{number}/{len(results)} {result.case.name}: {told} acknowledged, "
            f"{result.seconds:.1f} s {result.failure[:2000]}"
        )
        rig.await_up()
    _judge(results, count(rig, say))
    return results


def _pulls(result: Result) -> bool:
    return result.case.stage.pulls


def _one(rig: Rig, result: Result, made: dict[str, Any]) -> None:
    """Strike once at the stage, and wait until every client is answered again."""
    stage, load = result.case.stage, result.load
    load.begin(rig, made["key"])
    rig.arm(stage.stop)
    if stage.pulls:
        load.drop(rig.dropped / load.source)
        rig.ask("pull", connection=made["connections"][load.source])
    waiting = rig.await_stop(nudge=_nudge(rig) if stage.compacts else None)
    result.half_visible += rig.ask("half_visible")["half"]
    result.case.fault.strike(rig, waiting)
    rig.await_up()
    load.await_progress(rig)


def _nudge(rig: Rig) -> Callable[[], None]:
    def ask() -> None:
        rig.ask("compact")
        time.sleep(0.5)

    return ask


def count(rig: Rig, say: Say) -> Found:
    """Wait until everything has settled, and have it counted."""
    rig.calm()
    settled = rig.ask("settle", patience=240.0)
    if not settled["settled"]:
        say(f"does not settle: {settled}")
    file = rig.platform.folder / "found.json"
    told = rig.ask("count", file=str(file))
    found = json.loads(file.read_text())
    rows: dict[str, list[tuple[int, float, int]]] = {}
    for device, moment, value, often in found["rows"]:
        rows.setdefault(device, []).append((moment, value, often))
    waiting: dict[str, Counter[int]] = {}
    for raw in found["waiting"]:
        moment = _moment(raw)
        waiting.setdefault(raw["device"], Counter())[moment] += 1
    unsettled = [] if settled["settled"] else [f"not settled: {settled}"]
    return Found(rows, waiting, [*told["half"], *told["faults"], *unsettled])


def _moment(raw: dict[str, str]) -> int:
    import datetime as dt

    return int(dt.datetime.fromisoformat(raw["time"]).timestamp())


def _judge(results: list[Result], found: Found) -> None:
    """Compare every case's notes with what was found; what fits no case stands on the last."""
    for result in results:
        for device, noted in result.load.noted().items():
            _compare(result, device, noted, found)
        result.half_visible += [
            said for said in found.unreconciled if f"{result.load.source})" in said
            or f"source {result.load.source}:" in said
        ]  # fmt: skip
    told = {said for result in results for said in result.half_visible}
    results[-1].half_visible += [said for said in found.unreconciled if said not in told]


def _compare(result: Result, device: str, noted: set[int], found: Found) -> None:
    often = Counter[int]()
    for moment, value, times in found.rows.get(device, []):
        often[moment] += times
        result.wrong += value != moment % 1000
    waits = found.waiting.get(device, Counter())
    is_file = device[-1] in "FP"
    due = {m for m in noted if is_file and is_bad(m)}
    result.acknowledged += len(noted)
    result.in_lake += len(often)
    result.quarantined += len(waits)
    result.missing += len(noted - due - set(often)) + len(due - set(waits))
    result.doubled += sum(often.values()) - len(often) + sum(waits.values()) - len(waits)
