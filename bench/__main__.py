"""`make bench`: every benchmark side by side in one run, as a table and in var/bench.json.

A benchmark is a module of this package with `run() -> Iterable[Row]`.
"""

import importlib
import json
import pkgutil
import sys
from pathlib import Path

import bench
from bench.rows import Row, table

NOT_BENCHMARKS = {
    "__main__",
    "answers",
    "arriving",
    "ducklake",
    "house",
    "loading",
    "peers",
    "platform",
    "rows",
}


def names() -> list[str]:
    """Return the names of the benchmarks."""
    found = {module.name for module in pkgutil.iter_modules(bench.__path__)}
    return sorted(found - NOT_BENCHMARKS)


def main(chosen: list[str]) -> int:
    """Run the chosen benchmarks, or all; write the rows."""
    rows: list[Row] = []
    for name in chosen or names():
        for row in importlib.import_module(f"bench.{name}").run():
            print(f"{row.name}: {row.ours:,.1f} {row.unit}", file=sys.stderr, flush=True)
            rows.append(row)
    print(table(rows))
    file = Path("var/bench.json")
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps([row.__dict__ for row in rows], indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
