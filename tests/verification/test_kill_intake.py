"""Two rounds of kill_intake; `python -m tests.verification.kill_intake` runs twenty."""

import pytest

from tests.verification import kill_intake

pytestmark = pytest.mark.processes


def test_what_was_acknowledged_survives_kill_9_exactly_once() -> None:
    outcome = kill_intake.verify(rounds=2, seed=74, say=print)
    assert outcome.is_right, str(outcome)
    assert outcome.acknowledged >= kill_intake.WINDOW
