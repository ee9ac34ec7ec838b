"""What `haidang check` prints."""

import pytest

from haidang.project import health


@pytest.fixture
def _well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_intake", lambda: health.Finding("intake", True, ""))


@pytest.mark.django_db
@pytest.mark.usefixtures("_well")
def test_the_lake_s_faults_are_printed_and_fail_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(health.warehouse, "faults", lambda: [f"Thiếu tệp {n}." for n in range(7)])
    assert health.print_report() == 1
    said = capsys.readouterr().out
    assert "FAIL lake: Thiếu tệp 0." in said
    assert "Thiếu tệp 4. (+2)" in said

    monkeypatch.setattr(health.warehouse, "faults", list)
    assert health.print_report() == 0
    assert "ok   lake: every file" in capsys.readouterr().out


@pytest.mark.django_db
@pytest.mark.usefixtures("_well")
def test_readiness_does_not_read_the_lake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.warehouse, "faults", lambda: pytest.fail("too slow for readiness"))
    assert {finding.name for finding in health.findings()} == {
        "database",
        "outbox",
        "intake",
        "disk",
    }
