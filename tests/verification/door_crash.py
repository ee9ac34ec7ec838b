"""Kill committers at random moments; count that every batch and every row is there exactly once.

    HAIDANG_DATABASE_URL=… HAIDANG_DATA_DIR=… python -m tests.verification.door_crash [KILLS]

Two committers at a time offer overlapping batches; each is killed (-9) after a random while and
started again from its first batch. Prints the counts.
"""

import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass

BATCHES = 40


@dataclass(frozen=True)
class Counts:
    """What the lake holds after the last committer has finished."""

    kills: int
    batches: int
    missing: int
    doubled: int
    rows: int
    distinct: int
    accepted: int
    events: int
    files_missing: int


def run(kills: int, seed: int = 1, batches: int = BATCHES) -> Counts:
    """Kill `kills` committers, let the last ones finish, and count."""
    moments = random.Random(seed)
    done = 0
    while done < kills:
        children = [_start(1, batches), _start(max(1, batches // 2 - 1), batches)]
        for child in children:
            # From before its first commit to well after it: starting takes about a second.
            time.sleep(moments.uniform(0.05, 2.0))
            if child.poll() is None:
                child.kill()
                done += 1
            child.wait()
    for child in (_start(1, batches), _start(max(1, batches // 2 - 1), batches)):
        if child.wait(120):
            raise RuntimeError("a committer failed; see its message above")
    return _count(done, batches)


def _start(first: int, last: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.verification.committer", str(first), str(last)],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["src", "."])},
    )


def _count(kills: int, batches: int) -> Counts:
    from haidang.data.warehouse.engine import control, instances
    from tests.verification.committer import DATASET

    table = DATASET.replace("-", "_")
    with instances.reading() as cursor:
        rows, distinct = cursor.execute(
            f"SELECT count(*), count(DISTINCT ma) FROM lake.{table}"
        ).fetchone()
        revisions = cursor.execute(f"SELECT count(*) FROM lake.{table}__revisions").fetchone()[0]
        files = cursor.execute(f"FROM ducklake_list_files('lake', '{table}')").fetchall()
    with control.session() as held:
        landed = held.raw.execute(
            "SELECT count(*), count(DISTINCT batch), sum(accepted) FROM warehouse_landed"
            " WHERE dataset = %s", [DATASET],
        ).fetchone()  # fmt: skip
        events = held.raw.execute(
            "SELECT count(*) FROM core_outboxevent WHERE aggregate = %s", [f"dataset:{DATASET}"]
        ).fetchone()
    return Counts(
        kills=kills,
        batches=landed[0],
        missing=batches - landed[1],
        doubled=landed[0] - landed[1] + rows - distinct + revisions,
        rows=rows,
        distinct=distinct,
        accepted=int(landed[2]),
        events=events[0],
        files_missing=sum(not os.path.exists(row[0]) for row in files),
    )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haidang.project.settings")
    import django

    django.setup()
    print(run(int(sys.argv[1]) if len(sys.argv) > 1 else 40))
