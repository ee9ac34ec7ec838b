"""Which columns tell rows apart: one, else two, else three; else the number of the row."""

import itertools
import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from haidang.data.ingest.rules.inference.values import Proposed, Sampled
from haidang.foundation.core.text import fold

_IDENTIFYING = re.compile(r"(^|[ _])(id|ma|code|stt|so hieu|identifier)([ _]|$)|[a-z]id$|_id_?$")
_MOST_COLUMNS = 12
_MOST_TOGETHER = 4
_TYPES = {"string", "integer", "unit", "date", "datetime", "year", "yearmonth"}


def find(columns: Sequence[Sampled], fields: Sequence[Proposed]) -> list[int] | None:
    """Return the places (in `fields`) of a smallest key; None when no few columns tell rows apart.

    Columns named like a code come first, then those on the left; measured numbers never count.
    """
    able = [
        at
        for at, (column, each) in enumerate(zip(columns, fields, strict=True))
        if each.type in _TYPES and column.is_full and not each.personal_data
    ]
    # Counts are no keys, unless they are named like one.
    able.sort(key=lambda at: (not _is_named(fields[at]), fields[at].type == "integer"))
    for count in range(1, _MOST_TOGETHER + 1):
        for some in itertools.combinations(able[:_MOST_COLUMNS], count):
            if count == 1 and fields[some[0]].type == "integer" and not _is_named(fields[some[0]]):
                continue
            if is_unique([columns[at].text for at in some]):
                return sorted(some)
    return None


def _is_named(each: Proposed) -> bool:
    return bool(_IDENTIFYING.search(fold(each.heading)) or _IDENTIFYING.search(each.name))


def is_unique(texts: Sequence[pa.Array]) -> bool:
    """Say whether no two rows share all of these cells."""
    if len(texts) == 1:
        return bool(pc.count_distinct(texts[0]).as_py() == len(texts[0]))
    names = [str(at) for at in range(len(texts))]
    table = pa.table(dict(zip(names, texts, strict=True)))
    groups = table.group_by(names).aggregate([]).num_rows
    return bool(groups == table.num_rows)
