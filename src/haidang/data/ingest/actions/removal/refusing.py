"""Rows that were removed come again: they wait without their content, and the reason is said."""

from typing import Any

import pyarrow as pa

from haidang.data.ingest.actions.removal.waiting import CODE, WORD
from haidang.data.ingest.rules.values import Rejected
from haidang.data.protection import api as protection


def part(
    table: pa.Table, rejected: list[Rejected], guard: protection.Guard | None, line: str
) -> tuple[pa.Table, list[Rejected], int]:
    """Take removed rows out of checked ones; return the rest, those that wait, and how many.

    What waits of a removed row says that it was removed, and nothing else of it.
    """
    if guard is None:
        return table, rejected, 0
    blotted = [_blotted(row, guard) for row in rejected]
    refused = sum(new is not old for new, old in zip(blotted, rejected, strict=True))
    found: dict[int, int] = {}
    for group in guard.groups:
        if set(group) <= set(table.column_names):
            columns = [table.column(name).to_pylist() for name in group]
            for place, values in enumerate(zip(*columns, strict=True)):
                if (removal := guard.refuses(values)) is not None:
                    found[place] = removal
    if found:
        lines = table.column(line)
        blotted += [_refused(lines[place].as_py(), found[place]) for place in sorted(found)]
        keep = [place not in found for place in range(table.num_rows)]
        table = table.filter(pa.array(keep))
    return table, blotted, refused + len(found)


def _blotted(row: Rejected, guard: protection.Guard) -> Rejected:
    number, raw, _ = row
    for group in guard.groups:
        if (removal := guard.refuses([raw.get(name) for name in group])) is not None:
            return _refused(number, removal)
    return row


def _refused(number: Any, removal: int) -> Rejected:
    said = f"Dòng này {WORD[0].lower()}{WORD[1:]} (hồ sơ {removal}); hệ thống không nhận lại."
    return number, {"": WORD}, [{"field": "", "code": CODE, "message": said}]
