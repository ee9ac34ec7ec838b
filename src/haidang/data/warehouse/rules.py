"""What crosses the commit door, and how a table's rows are told apart."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import pyarrow as pa

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

LAKE_TYPES: Mapping[str, str] = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP WITH TIME ZONE",
    "year": "INTEGER",
    "yearmonth": "VARCHAR",
    "unit": "VARCHAR",
}


# Lake types of which the second holds every value of the first; DuckLake reads old files as it.
_WIDER = {("INTEGER", "BIGINT"), ("INTEGER", "DOUBLE"), ("BIGINT", "DOUBLE")}
_TEXT = {("unit", "string"), ("yearmonth", "string")}


def may_become(old: str, new: str, *, is_key: bool) -> bool:
    """Tell whether a stored column of one contract type may become one of another.

    A key's values must stay equal to themselves, so that its type in the lake stays.
    """
    if old == new or (old, new) in _TEXT:
        return True
    return not is_key and (LAKE_TYPES[old], LAKE_TYPES[new]) in _WIDER


class Parts(Protocol):
    """Rows that come a part at a time, and again when asked again, each part with `row_numbers`.

    All rows of a key lie in one part.
    """

    num_rows: int

    def __iter__(self) -> Iterator[tuple["pa.Table", "pa.Array"]]: ...


@dataclass(frozen=True)
class Batch:
    """Rows of one run, ready for the lake. `id` is the run's number and orders revisions.

    `rows` has columns of the contract (missing ones are empty); `row_numbers` says where each
    row stood in its file. `counts` travels along into `Landed` for the receipt. Rows in parts
    become visible at once, like any others, and only one part is in memory.
    """

    id: int
    dataset: str
    source: str
    rows: "pa.Table | Parts"
    row_numbers: "pa.Array | None" = None
    counts: Mapping[str, int] = field(default_factory=dict)
    received_at: datetime | None = None

    def parts(self) -> Iterator[tuple["pa.Table", "pa.Array | None"]]:
        """Yield rows with their numbers, a part at a time."""
        import pyarrow as pa

        if isinstance(self.rows, pa.Table):
            yield self.rows, self.row_numbers
        else:
            yield from self.rows


@dataclass(frozen=True)
class Landed:
    """What became of a batch. accepted + duplicate = its rows; revised is part of accepted."""

    batch: int
    dataset: str
    source: str
    accepted: int
    duplicate: int
    revised: int
    landed_at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Since:
    """What a source brought to a dataset after a batch: batches and rows, from when until when."""

    dataset: str
    source: str
    batches: int
    rows: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class TableInfo:
    """A dataset's table in the lake, as the door and the readers need it."""

    dataset: str
    kind: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    unit_field: str | None
    time_field: str | None
    sector: str | None
    owner_unit_id: int | None
    commits: int = 0
    revised: int = 0
    repeated: int = 0
    keys: int | None = None
    """How many keys it holds, where the catalogue tells: each key has one row that revises none."""

    @property
    def table(self) -> str:
        return table_name(self.dataset)

    @property
    def revisions(self) -> str:
        """Name of the table that holds the whole history of every revised key."""
        return f"{self.table}__revisions"

    @property
    def repeats(self) -> str:
        """Name of the table that says which batches brought a row again."""
        return f"{self.table}__repeats"

    @property
    def hours(self) -> str:
        """Name of the table that holds the roll-ups of its large files."""
        return f"{self.table}__hours"

    @property
    def tables(self) -> tuple[str, str, str]:
        """Names of the three tables in the lake that hold its rows."""
        return self.table, self.revisions, self.repeats

    @property
    def folders(self) -> tuple[str, ...]:
        """Names of every table in the lake that holds anything of it, made yet or not."""
        return (*self.tables, self.hours)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.columns)

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if name not in self.key)

    @property
    def is_partitioned(self) -> bool:
        """Readings lie in one folder per month."""
        return self.kind == "readings"

    def lake_type(self, name: str) -> str:
        return LAKE_TYPES[dict(self.columns)[name]]


def cut(kind: str, before: datetime) -> str | None:
    """Return a moment as SQL of a time column's type: what is less is over, whole days and months.

    None for a type that holds no time.
    """
    local = before.astimezone(_ZONE)
    return {
        "datetime": f"TIMESTAMPTZ '{before.isoformat()}'",
        "date": f"DATE '{local.date().isoformat()}'",
        "year": str(local.year),
        "yearmonth": f"'{local:%Y-%m}'",
    }.get(kind)


def table_name(dataset: str) -> str:
    """Return the lake's name of a dataset's table; codes hold no underscore, so none collide."""
    return dataset.replace("-", "_")


def quoted(name: str) -> str:
    """Return an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def listed(names: Any, prefix: str = "") -> str:
    """Return SQL identifiers with commas between."""
    return ", ".join(prefix + quoted(name) for name in names)


def as_note(
    landings: list[Landed], received: Mapping[int, datetime | None]
) -> list[dict[str, Any]]:
    """Return what a snapshot remembers of its batches, for the database's trigger."""
    return [
        {
            "batch": one.batch,
            "dataset": one.dataset,
            "source": one.source,
            "accepted": one.accepted,
            "duplicate": one.duplicate,
            "revised": one.revised,
            "counts": dict(one.counts),
            "received_at": moment.isoformat() if (moment := received.get(one.batch)) else None,
        }
        for one in landings
    ]
