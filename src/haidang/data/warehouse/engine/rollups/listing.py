"""Which files of a table of readings have a roll-up, as the catalogue says at one snapshot.

The roll-up of a file is the file of the same name in the table `<dataset>__hours`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from haidang.data.warehouse import rules

# The structure of readings is fixed; a table of another one is not rolled up.
_COLUMNS = {
    "device": "string", "metric": "string", "time": "datetime",
    "value": "number", "status": "string", "unit": "unit",
}  # fmt: skip

# Nothing where the snapshot is not there any more: a removal forgets it, and its files, at once.
_FILES = """
SELECT t.table_name, f.path, f.record_count, c.min_value::timestamptz, c.max_value::timestamptz,
    EXISTS (SELECT 1 FROM lake.ducklake_delete_file d WHERE d.data_file_id = f.data_file_id)
FROM lake.ducklake_snapshot s
JOIN lake.ducklake_data_file f ON f.begin_snapshot <= s.snapshot_id
    AND (f.end_snapshot IS NULL OR f.end_snapshot > s.snapshot_id)
JOIN lake.ducklake_table t ON t.table_id = f.table_id AND t.end_snapshot IS NULL
LEFT JOIN lake.ducklake_column n
    ON n.table_id = t.table_id AND n.column_name = 'time' AND n.end_snapshot IS NULL
LEFT JOIN lake.ducklake_file_column_stats c
    ON c.data_file_id = f.data_file_id AND c.column_id = n.column_id
WHERE t.table_name = ANY(%s)
    AND s.snapshot_id = coalesce(%s, (SELECT max(snapshot_id) FROM lake.ducklake_snapshot))
"""


@dataclass(frozen=True)
class File:
    """A file by its name without folder; moments of its first and last row, if they are known."""

    name: str
    rows: int
    first: datetime | None
    last: datetime | None
    has_deletes: bool = False

    def meets(self, start: datetime, end: datetime) -> bool:
        """Tell whether rows may lie from `start` to before `end`."""
        begins = self.first is None or self.first < end
        return start < end and begins and (self.last is None or self.last >= start)


@dataclass(frozen=True)
class Listing:
    """The data files of a table and their roll-ups, by name."""

    files: dict[str, File]
    rollups: dict[str, File]

    @property
    def rolled(self) -> frozenset[str]:
        """Return the names of files that a roll-up stands for."""
        return frozenset(
            name for name in self.files.keys() & self.rollups if not self.files[name].has_deletes
        )

    @property
    def orphans(self) -> frozenset[str]:
        """Return the names of roll-ups of files that are not there any more."""
        return frozenset(self.rollups.keys() - self.files)


def is_served(info: rules.TableInfo) -> bool:
    """Tell whether a table has the structure that is rolled up."""
    return info.is_partitioned and dict(info.columns) == _COLUMNS


def listing(cursor: Any, info: rules.TableInfo, snapshot: int | None = None) -> Listing:
    """Return what the catalogue names at a snapshot, or now."""
    cursor.execute(_FILES, [[info.table, info.hours], snapshot])
    rows = cursor.fetchall()
    return Listing(_named(rows, info.table), _named(rows, info.hours))


def _named(rows: Sequence[tuple[Any, ...]], table: str) -> dict[str, File]:
    found = [File(name_of(row[1]), *row[2:]) for row in rows if row[0] == table]
    return {one.name: one for one in found}


def name_of(path: str) -> str:
    """Return a file's name without its folder, as `parse_filename` does."""
    return path.rsplit("/", 1)[-1]
