"""`python -m bench.ducklake URL FOLDER CLIENTS SECONDS`: commits per second of DuckLake itself.

Every client inserts five rows and commits, again after a conflict; files as Spark can read them.
"""

import sys
import threading
import time
from pathlib import Path
from typing import Any

from bench.peers import SMALL_ROWS

_VALUES = ", ".join(
    f"('host_{n}', 'f0', now(), 1.5, 'measuring', '25747')" for n in range(SMALL_ROWS)
)


def main(url: str, folder: Path, clients: int, seconds: float) -> float:
    """Return the commits per second of all clients together."""
    import duckdb

    from haidang.data.warehouse.engine import extensions

    root = duckdb.connect(config={"threads": 2})
    extensions.load(root)
    options = f"DATA_PATH '{folder}/', DATA_INLINING_ROW_LIMIT 0"
    root.execute(f"ATTACH 'ducklake:postgres:{url}' AS lake ({options})")
    root.execute("SET ducklake_max_retry_count = 100")
    root.execute(
        "CREATE TABLE IF NOT EXISTS lake.reading (device VARCHAR, metric VARCHAR,"
        " time TIMESTAMPTZ, value DOUBLE, status VARCHAR, unit VARCHAR)"
    )
    counts = [0] * clients
    ends = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_insert, args=(root.cursor(), counts, place, ends))
        for place in range(clients)
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - began)


def _insert(cursor: Any, counts: list[int], place: int, ends: float) -> None:
    import duckdb

    while time.monotonic() < ends:
        try:
            cursor.execute(f"INSERT INTO lake.reading VALUES {_VALUES}")
            counts[place] += 1
        except duckdb.Error:  # a conflict: another client was first
            continue


if __name__ == "__main__":
    print(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
