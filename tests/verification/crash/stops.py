"""Named places of a load at which a process of the platform can be made to wait.

`python -m tests.verification.crash.stops up …` runs the platform as `haidang up …` does, with a
stop at each place. A stop costs nothing until the test arms it for one process; then the first
thread that comes there waits until it is killed, or let go on. The product has no such code.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

CONTROL = "CRASH_CONTROL"  # the folder through which test and platform talk
_folder = Path(os.environ.get(CONTROL, "/nonexistent"))
_HALF_A_FILE = 512
_PARTS_WRITTEN = 2


def reach(stage: str) -> None:
    """Wait here if the test wants this process to stop at this stage."""
    name = Path("/proc/self/comm").read_text().strip().removeprefix("haidang ").replace(" ", "-")
    armed, reached = _folder / f"{stage}@{name}", _folder / "reached"
    try:
        armed.rename(_folder / "taken")
    except OSError:
        return
    draft = _folder / "reached.new"
    draft.write_text(str(os.getpid()))
    draft.rename(reached)
    while reached.exists():
        time.sleep(0.005)


def before(place: Any, name: str, stage: str) -> None:
    """Stop before `place.name` runs."""
    original = getattr(place, name)

    def run(*args: Any, **named: Any) -> Any:
        reach(stage)
        return original(*args, **named)

    setattr(place, name, run)


def after(place: Any, name: str, stage: str, when: Callable[..., bool] = lambda *_: True) -> None:
    """Stop after `place.name` has returned, before its caller goes on."""
    original = getattr(place, name)

    def run(*args: Any, **named: Any) -> Any:
        done = original(*args, **named)
        if when(*args):
            reach(stage)
        return done

    setattr(place, name, run)


class _HalfWritten:
    """A file that stops when half a kilobyte of it is written."""

    def __init__(self, opened: Any) -> None:
        self._opened, self._left = opened, _HALF_A_FILE

    def write(self, data: Any) -> int:
        size = int(self._opened.write(data))
        if self._left > 0:
            self._left -= size
            if self._left <= 0:
                self._opened.flush()
                reach("parquet")
        return size

    def __getattr__(self, name: str) -> Any:
        return getattr(self._opened, name)


def _stop_in_parquet() -> None:
    import pyarrow.parquet as pq

    original = pq.write_table

    def write(table: Any, where: Any, **named: Any) -> None:
        original(table, _HalfWritten(where) if hasattr(where, "fileno") else where, **named)

    pq.write_table = write


def _stop_in_transaction(door: Any) -> None:
    """Stop when the files are named to the catalogue, before COMMIT."""
    original, registering = door.transaction, door._register
    inside: list[bool] = []

    @contextlib.contextmanager
    def transaction() -> Iterator[Any]:
        with original() as cursor:
            yield cursor
            if inside:
                reach("registered")

    def register(*args: Any) -> None:
        inside.append(True)
        try:
            registering(*args)
        finally:
            inside.pop()

    door.transaction, door._register = transaction, register


def _stop_between_parts(spool: Any) -> None:
    """Stop when two parts of a file are written."""
    original = spool.__iter__

    def parts(self: Any) -> Iterator[Any]:
        for number, part in enumerate(original(self)):
            if number == _PARTS_WRITTEN:
                reach("parts")
            yield part

    spool.__iter__ = parts


def install() -> None:
    """Set every stop; call it after Django is set up and before processes fork."""
    from haidang.data.ingest import jobs, queries
    from haidang.data.ingest.actions import processing, pulling, runs, spooling
    from haidang.data.ingest.connectors.folder import fetch
    from haidang.data.ingest.intake.lake import Lake
    from haidang.data.warehouse.engine import compaction, door
    from haidang.data.warehouse.engine.store import folder

    before(os, "fdatasync", "journal")
    before(Lake, "flush", "acknowledged")
    _stop_in_parquet()
    _stop_in_transaction(door)
    after(door, "_land", "committed")
    before(Lake, "_advance", "recorded")
    before(folder, "sync_file", "merged")
    compaction.crowded.__defaults__ = (2,)  # small files are merged soon

    after(runs, "_stored", "stored")
    before(queries, "receipt_of", "known")
    spooling.PART_BYTES = 1 << 20  # files of the load have five parts
    _stop_between_parts(spooling.Spool)
    before(processing, "_set_aside", "checking")
    before(processing, "_committed", "set-aside")
    after(runs, "_publish", "receipt", when=lambda name, run: name == "ingest.run_finished")

    before(pulling, "_take", "fetched")
    after(pulling, "_known", "pulled")
    before(pulling, "_end", "loaded")
    before(fetch, "_put_away", "settling")
    jobs._ABANDONED = jobs._ABANDONED / 12  # what web dropped is found after 15 seconds


def main() -> None:
    from haidang.project import cli
    from haidang.project.processes import prepare

    warm = prepare.warm

    def warm_and_install() -> None:
        warm()
        install()

    prepare.warm = warm_and_install
    cli.main()


if __name__ == "__main__":
    main()
