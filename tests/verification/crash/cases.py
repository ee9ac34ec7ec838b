"""The cases: at which stage of a load what breaks."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.verification.crash import clocks, disks, networks
from tests.verification.crash.faults import TITLES, Fault, Kill, KillWaiting
from tests.verification.crash.rig import Rig


@dataclass(frozen=True)
class Stage:
    """A stop, in words, and the load that comes there."""

    stop: str
    title: str
    kinds: str  # clients of the case: H http, M mqtt, F files, P pulled

    @property
    def pulls(self) -> bool:
        return "P" in self.kinds

    @property
    def compacts(self) -> bool:
        return self.stop.startswith("merged")


STREAM = (
    Stage("journal@intake", "readings: written to the journal, not synced", "HM"),
    Stage("acknowledged@intake", "readings: acknowledged, not in the lake", "HM"),
    Stage("parquet@intake", "readings: half a Parquet file written", "HM"),
    Stage("registered@intake", "readings: files named to the catalogue, not committed", "HM"),
    Stage("committed@intake", "readings: committed, receipt not written", "HM"),
    Stage("recorded@intake", "readings: receipt written, journal not released", "HM"),
)
COMPACTION = (Stage("merged@jobs-bu", "compaction: merged, not synced, not committed", "HM"),)
FILES = (
    Stage("stored@web", "file: kept on the disk, its run not known", "HMF"),
    Stage("known@web", "file: run and job known, not answered", "HMF"),
    Stage("checking@jobs-bu", "file: rows checked, the bad ones not set aside", "HMF"),
    Stage("set-aside@jobs-bu", "file: bad rows set aside, good ones not in the lake", "HMF"),
    Stage("parquet@jobs-bu", "file: half a Parquet file written", "HMF"),
    Stage("parts@jobs-bu", "file: two of its parts written, the others not", "HMF"),
    Stage("registered@jobs-bu", "file: files named to the catalogue, not committed", "HMF"),
    Stage("committed@jobs-bu", "file: committed, receipt not written", "HMF"),
    Stage("receipt@jobs-bu", "file: receipt and event written, not committed", "HMF"),
)
PULLS = (
    Stage("fetched@jobs-bu", "pull: piece fetched, its run not known", "HMP"),
    Stage("pulled@jobs-bu", "pull: run known and cursor moved, not committed", "HMP"),
    Stage("settling@jobs-bu", "pull: rows in the lake, the file not put away", "HMP"),
    Stage("loaded@jobs-bu", "pull: everything loaded, the attempt not ended", "HMP"),
)
STAGES = (*STREAM, *COMPACTION, *FILES, *PULLS)
# Where the rest of the platform dies around the process that waits, and where machines fail.
AROUND = (
    "acknowledged@intake", "registered@intake", "merged@jobs-bu", "known@web",
    "registered@jobs-bu", "pulled@jobs-bu",
)  # fmt: skip
MACHINE = (
    *AROUND, "journal@intake", "parquet@intake", "committed@intake", "checking@jobs-bu",
    "set-aside@jobs-bu", "committed@jobs-bu",
)  # fmt: skip
WITH_ALL = ("postgres", "supervisor")


@dataclass(frozen=True)
class Case:
    """One fault at one stage, on the kind of platform that it needs."""

    stage: Stage
    fault: Fault
    rig: type[Rig] = Rig

    @property
    def name(self) -> str:
        return f"{self.fault.code}:{self.stage.stop}"


def kills() -> Iterator[Case]:
    """At every stage the process that stands there dies, the database and the supervisor; at some
    stages every other process too; the doors wherever their carrier (called intake too) stands.
    """
    own = {"intake": "haidang intake", "web": "haidang web", "jobs-bu": "haidang jobs bu"}
    for stage in STAGES:
        yield Case(stage, KillWaiting())
        for process in TITLES:
            is_own = process == own[stage.stop.partition("@")[2]]
            is_carried = stage in STREAM[1:] and is_own
            if process in WITH_ALL or is_carried or (stage.stop in AROUND and not is_own):
                yield Case(stage, Kill(process))


def others() -> Iterator[Case]:
    """Disks, wires and the clock fail at most stages; the devices' wire where readings come in."""
    for stage in [stage for stage in STAGES if stage.stop in MACHINE]:
        if not disks.missing():
            yield Case(stage, disks.Full(), disks.DiskRig)
            yield Case(stage, disks.ReadOnly(), disks.DiskRig)
        yield Case(stage, networks.Cut("database", "to", "from"), networks.NetworkRig)
        yield Case(stage, networks.Cut("database", "from"), networks.NetworkRig)
        if not clocks.missing():
            yield Case(stage, clocks.Back(), clocks.ClockRig)
    for stage in STREAM[:2]:
        yield Case(stage, networks.Cut("devices", "to", "from"), networks.NetworkRig)
        yield Case(stage, networks.Cut("devices", "from"), networks.NetworkRig)


def skipped() -> list[str]:
    """Say, loudly, what cannot be tried on this machine."""
    return [said for said in (disks.missing(), clocks.missing()) if said]


def every() -> list[Case]:
    """Return the whole matrix, fault by fault."""
    found = [*kills(), *others()]
    order = {code: place for place, code in enumerate(dict.fromkeys(c.fault.code for c in found))}
    return sorted(found, key=lambda case: order[case.fault.code])


def chosen(words: str) -> list[Case]:
    """Return the cases whose name holds any of the comma-separated words; all for ""."""
    wanted = [word for word in words.split(",") if word]
    found = [case for case in every() if not wanted or any(word in case.name for word in wanted)]
    if not found:
        raise SystemExit(f"no case is called so; there are {[case.name for case in every()]}")
    return found
