"""Break everything that can break, at every stage of a load; count what was lost or doubled.

    python -m tests.verification.crash_matrix [--cases a,b] [--seed N] [--rounds N] [--table FILE]

Devices send over HTTP and MQTT, files are loaded by a job, and a watched folder is pulled, while a
process is made to wait at one named place. There the fault strikes. Every case has a source and
devices of its own; at the end the lake and the quarantine are compared with what was acknowledged.
Cases are called fault:stop@process, such as kill:parquet@intake; `--cases` takes any part of it.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.platform import Platform
from tests.verification.crash import cases, table
from tests.verification.crash.cases import Case
from tests.verification.crash.runner import Result, Say, run


def verify(chosen: Sequence[Case], say: Say) -> list[Result]:
    """Run the cases, each kind of platform once, and return what each left."""
    found: list[Result] = []
    for kind in dict.fromkeys(case.rig for case in chosen):
        with kind(Platform()) as rig:
            found += run(rig, [case for case in chosen if case.rig == kind], say)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", default="", help="parts of names of cases, with commas")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--table", type=Path, help="write the table here as Markdown")
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    print("\n".join(cases.skipped()))
    wanted = cases.chosen(asked.cases) * asked.rounds
    random.Random(asked.seed).shuffle(wanted)
    results = verify(wanted, lambda line: print(line, flush=True))
    told = {case.name: place for place, case in enumerate(cases.every())}
    results.sort(key=lambda result: told[result.case.name])
    text = table.markdown(results)
    print(text)
    if asked.table:
        asked.table.write_text(text)
    wrong = [result for result in results if not result.is_right]
    for result in wrong:
        print(f"WRONG {result.case.name}: {result.failure}\n  " + "\n  ".join(result.half_visible))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
