"""The API of batches: receipts, problems, and who may not use it."""

import json

import pytest

from haidang.data.ingest.models import QuarantinedRow, Run

from .test_loading import BAD, GOOD, load

STEWARD = "thongke.stnmt"


@pytest.fixture
def send(source, world, client):
    def post(content: str | bytes, media: str = "text/csv", user: str = STEWARD, **headers: str):
        return client.post(
            f"/api/v1/sources/{source}/batches",
            content,
            content_type=media,
            headers={"Authorization": f"Bearer {world.key(user)}"} | headers,
        )

    return post


@pytest.fixture
def call(world, client):
    def ask(method: str, path: str, body: object = None, user: str = STEWARD):
        return client.generic(
            method,
            f"/api/v1{path}",
            json.dumps(body or {}),
            content_type="application/json",
            headers={"Authorization": f"Bearer {world.key(user)}"},
        )

    return ask


ROWS = [{"xa": "25747", "ngay": "2026-11-20", "so_ca": 12, "ty_le": 1.5, "muc": "cao"}]


@pytest.mark.parametrize(
    ("media", "content"),
    [
        ("text/csv", GOOD),
        ("text/csv; charset=utf-8", GOOD),
        ("application/json", json.dumps(ROWS)),
        ("application/json", json.dumps({"rows": ROWS})),
        ("application/x-ndjson", "\n".join(map(json.dumps, ROWS))),
    ],
)
def test_a_batch_is_answered_with_a_receipt(send, media, content):
    response = send(content, media)

    receipt = response.json()
    assert response.status_code == 201
    assert receipt["read"] == receipt["accepted"] > 0
    assert receipt["quarantine_url"].endswith(f"?run={receipt['run_id']}")


def test_the_same_key_gives_the_same_receipt_and_other_content_a_conflict(send):
    first = send(GOOD, **{"Idempotency-Key": "a"})
    second = send(GOOD, **{"Idempotency-Key": "a"})
    other = send(BAD, **{"Idempotency-Key": "a"})

    assert first.json() == second.json()
    assert Run.objects.count() == 1
    assert other.status_code == 409
    assert other["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    ("content", "media", "status", "said"),
    [
        ("{", "application/json", 422, "JSON sai ở dòng 1"),
        ("a;b\n1;2\n", "text/csv", 422, "Không tìm thấy dòng tiêu đề"),
        ("x", "image/png", 415, "Content-Type"),
        ("[]", "application/json", 422, ""),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_the_mend(send, content, media, status, said):
    response = send(content, media)

    assert response.status_code == status
    assert response["Content-Type"].startswith("application/problem+json")
    assert said in response.json()["detail"] + response.json()["title"]


def test_what_is_too_large_is_refused_before_it_is_read(send, settings):
    settings.MAX_UPLOAD_BYTES = 10
    response = send(GOOD)

    assert response.status_code == 413
    assert not Run.objects.exists()


def test_waiting_rows_are_read_mended_replayed_and_discarded(send, call):
    run = send(BAD).json()["run_id"]
    listed = call("GET", f"/runs/{run}/quarantine").json()
    assert listed["total"] == 3
    row = next(one for one in listed["rows"] if one["row_no"] == 5)

    wrong = call("PATCH", f"/quarantine/{row['id']}", {"values": row["raw"]})
    right = call("PATCH", f"/quarantine/{row['id']}", {"values": row["raw"] | {"so_ca": "12"}})
    again = call("POST", "/quarantine/replay", {"rows": [row["id"]]})
    left = [one["id"] for one in listed["rows"] if one["id"] != row["id"]]
    gone = call("POST", "/quarantine/discard", {"rows": left, "reason": "thử"})

    assert (wrong.status_code, right.status_code, again.status_code) == (422, 200, 201)
    assert again.json()["accepted"] == 1
    assert gone.status_code == 204
    assert not QuarantinedRow.objects.filter(state="open").exists()


def test_another_approves(send, call):
    run = send(GOOD).json()["run_id"]

    assert call("POST", f"/runs/{run}/approve").status_code == 403
    approved = call("POST", f"/runs/{run}/approve", {"reason": "đúng"}, user="giamdoc.stnmt")
    assert approved.json()["approval"] == "approved"


@pytest.mark.parametrize("user", ["nguoila", "truc1", "canbo.phucuong", "chutich"])
def test_who_may_not_load_does_not(send, user):
    assert send(GOOD, user=user).status_code == 403
    assert not Run.objects.exists()


def test_who_may_not_see_is_told_that_nothing_is_there(source, call):
    run = load(source, BAD).run_id
    row = QuarantinedRow.objects.first().pk
    user = "canbo.phucuong"

    assert call("GET", "/runs", user=user).json()["total"] == 0
    for method, path in (
        ("GET", f"/runs/{run}"),
        ("GET", f"/runs/{run}/quarantine"),
        ("PATCH", f"/quarantine/{row}"),
        ("POST", "/quarantine/replay"),
        ("POST", "/quarantine/discard"),
    ):
        body = {"rows": [row], "reason": "x", "values": {}}
        assert call(method, path, body, user=user).status_code == 404, path
    for path in (f"/runs/{run}/approve", f"/runs/{run}/reject"):
        assert call("POST", path, user=user).status_code == 403, path


def test_a_visitor_is_not_known(source, client):
    for path in ("/runs", "/runs/1", "/runs/1/quarantine"):
        assert client.get(f"/api/v1{path}").status_code == 401
    assert client.post(f"/api/v1/sources/{source}/batches").status_code == 401
