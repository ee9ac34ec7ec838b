"""A short walk through the crash matrix; `python -m tests.verification.crash_matrix` is it all."""

import pytest

from tests.verification import crash_matrix
from tests.verification.crash import cases

pytestmark = pytest.mark.processes

KILLS = (
    "kill:registered@intake,kill:merged,kill:set-aside@jobs-bu,kill:pulled,kill-postgres:receipt"
)


def test_processes_killed_at_named_stages_lose_and_double_nothing() -> None:
    results = crash_matrix.verify(cases.chosen(KILLS), print)

    assert len(results) == 5
    wrong = [(r.case.name, r) for r in results if not r.is_right]
    assert not wrong
