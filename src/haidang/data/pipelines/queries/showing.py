"""Rows that tests of a result hand out, as one reader may see them."""

from collections.abc import Mapping, Sequence
from typing import Any

from haidang.data.catalogue import api as catalogue
from haidang.data.pipelines.models import PipelineVersion
from haidang.data.protection import api as protection
from haidang.foundation.access.api import Scope

WAY = "query"
_UNKNOWN = "•••"


class Shown:
    """The eyes of one reader on the tests of several runs; clear personal data is noted.

    A statement names its columns as it likes. A column that bears the name of a personal field,
    of the output or of an input, is masked by that field's class; one that bears no field's name
    is masked whole where anything of these datasets is closed to the reader.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._kept: dict[str, tuple[protection.Glass, frozenset[str]]] = {}

    def tests(
        self, version: PipelineVersion, tests: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return the tests of a run or a trial with rows as they may be shown."""
        if not any(one["rows"] for one in tests):
            return [dict(one) for one in tests]
        datasets = [version.pipeline.output, *version.inputs]
        through = [self._of(code) for code in dict.fromkeys(datasets)]
        known = frozenset().union(*(names for _, names in through))
        glasses = [glass for glass, _ in through]
        return [
            {**one, "rows": [_row(row, glasses, known) for row in _noted(one["rows"], glasses)]}
            for one in tests
        ]

    def _of(self, dataset: str) -> tuple[protection.Glass, frozenset[str]]:
        if dataset not in self._kept:
            contract = catalogue.contract(dataset)
            glass = protection.glass(dataset, contract.owner_unit_id, contract.sector, self._scope)
            self._kept[dataset] = glass, frozenset(contract.names)
        return self._kept[dataset]


def _noted(
    rows: Sequence[Mapping[str, Any]], glasses: Sequence[protection.Glass]
) -> Sequence[Mapping[str, Any]]:
    for glass in glasses if rows else ():
        glass.note(rows[0], len(rows), WAY)
    return rows


def _row(
    row: Mapping[str, Any], glasses: Sequence[protection.Glass], known: frozenset[str]
) -> dict[str, Any]:
    is_closed = any(not glass.is_whole for glass in glasses)
    return {
        name: _UNKNOWN if is_closed and name not in known else _cell(name, value, glasses)
        for name, value in row.items()
    }


def _cell(name: str, value: Any, glasses: Sequence[protection.Glass]) -> Any:
    for glass in glasses:
        if name in glass.masked:
            return glass.cell(name, value)
    return value
