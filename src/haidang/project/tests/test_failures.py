"""Whatever fails says so in words, and nothing of how it is set up."""

import logging

import pytest
from django.http import HttpRequest
from django.test import Client

from haidang.data.ingest.intake import client as intake
from haidang.project import failures, health

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "kind"), [("/lac", "text/html"), ("/api/v1/lac", "application/problem+json")]
)
def test_what_is_not_there_is_said_in_the_visitors_form(path: str, kind: str) -> None:
    answer = Client().get(path)

    assert answer.status_code == 404
    assert answer["content-type"].startswith(kind)
    assert "Không tìm thấy" in answer.content.decode()


def test_a_fault_of_ours_leaves_a_reference_in_answer_and_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(timeout: float = 2.0) -> None:
        raise RuntimeError("bí mật")

    monkeypatch.setattr(intake, "ping", breaks)
    with caplog.at_level(logging.ERROR):
        answer = Client(raise_request_exception=False).get("/readyz")

    page = answer.content.decode()
    assert answer.status_code == 500
    assert "bí mật" not in page
    reference = caplog.records[-1].getMessage().rpartition(" ")[2]
    assert reference in page
    assert caplog.records[-1].exc_info


def test_the_page_of_a_fault_needs_nothing_that_may_be_broken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(failures, "log", logging.getLogger("silent"))
    request = HttpRequest()
    request.path, request.method = "/console/", "GET"

    assert failures.broken(request).status_code == 500


@pytest.mark.parametrize(
    ("said", "well", "seen"),
    [
        (None, False, "does not answer"),
        ({"failure": "", "parked": 0, "rows": 5, "connections": 1}, True, "5 rows"),
        ({"failure": "x", "parked": 0, "rows": 5, "connections": 1}, False, "refuses"),
        ({"failure": "", "parked": 2, "rows": 5, "connections": 1}, False, "2 files"),
    ],
)
def test_intake_is_part_of_being_ready(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, object] | None, well: bool, seen: str
) -> None:
    monkeypatch.setattr(intake, "ping", lambda timeout=2.0: said)

    found = {finding.name: finding for finding in health.findings()}["intake"]

    assert (found.well, seen in found.seen) == (well, True)
    assert Client().get("/readyz").json()["intake"] is well


def test_an_expired_form_is_no_lack_of_right() -> None:
    page = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a"})

    assert page.status_code == 403
    assert "Biểu mẫu đã hết hạn" in page.content.decode()


def test_a_file_that_is_too_large_leads_back_to_where_it_was_chosen() -> None:
    page = failures.too_large("/console/sources/x/upload/").content.decode()

    assert 'href="/console/sources/x/upload/"' in page
    assert "Chọn tệp khác" in page


def test_a_path_cannot_write_into_the_page_of_a_large_file() -> None:
    assert "<b>" not in failures.too_large('/"><b>').content.decode()
