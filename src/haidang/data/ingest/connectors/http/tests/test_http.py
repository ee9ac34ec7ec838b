"""A real web service that pages, forgets, breaks and refuses on purpose."""

import http.server
import io
import json
import threading
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
import xlsxwriter

from haidang.data.ingest.actions import connections, pulling, trying
from haidang.data.ingest.connectors import registry, values
from haidang.data.ingest.connectors.http import fetch
from haidang.data.ingest.errors import ConnectorError, SettingsError
from haidang.data.ingest.models import Connection, Run, Source
from haidang.data.ingest.rules.pulling import Schedule
from haidang.data.ingest.tests.conftest import HEAD
from haidang.data.ingest.tests.test_pulling import pulled
from haidang.foundation.core.audit import SYSTEM


class Service(http.server.ThreadingHTTPServer):
    """Records of days; each request may be told to go wrong first."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.rows = [_row(day) for day in range(1, 8)]
        self.wrong: list[object] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.wants: tuple[str, str] | None = None
        self.body: bytes | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/ds?tinh=74"


def _row(day: int, cases: int = 1) -> dict[str, object]:
    return {
        "xa": "25747", "ngay": f"2026-11-{day:02}", "so_ca": cases,
        "sua": {"luc": f"2026-11-{day:02}T00:00:00"},
    }  # fmt: skip


class Answering(http.server.BaseHTTPRequestHandler):
    server: Service

    def do_GET(self):
        service = self.server
        service.asked.append((self.path, dict(self.headers)))
        if service.wrong and (wrong := service.wrong.pop(0)):
            return self._go_wrong(wrong)
        if service.wants and self.headers.get(service.wants[0]) != service.wants[1]:
            return self._send(b"", 401)
        if service.body is not None:
            return self._send(service.body)
        return self._page(dict(parse_qsl(urlsplit(self.path).query)))

    def _page(self, asked):
        since, size = asked.get("since", ""), int(asked.get("limit", 3))
        rows = [row for row in self.server.rows if row["sua"]["luc"] >= since]
        before = size * (int(asked.get("page", 1)) - 1)
        start = int(asked.get("offset") or asked.get("cursor") or before)
        more = start + size < len(rows)
        said = {"data": {"items": rows[start : start + size]}, "paging": {}}
        headers = {}
        if more:
            following = f"/ds?tinh=74&limit={size}&offset={start + size}&since={since}"
            said["paging"] = {"next": following, "cursor": str(start + size)}
            headers["Link"] = f'<{following}>; rel="next", </ds>; rel="first"'
        return self._send(json.dumps(said).encode(), **headers)

    def _go_wrong(self, wrong):
        if wrong == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"data": {"items": [')
            return None
        if wrong == "html":
            return self._send(b"<html>Dang bao tri</html>")
        return self._send(b"", int(wrong), **{"Retry-After": "3600"})

    def _send(self, body, status=200, **headers):
        self.send_response(status)
        for name, said in headers.items():
            self.send_header(name, said)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *given):
        """Say nothing."""


@pytest.fixture
def service(settings) -> Iterator[Service]:
    served = Service()
    threading.Thread(target=served.serve_forever, args=(0.02,), daemon=True).start()
    settings.OUTSIDE_ADDRESSES = [f"127.0.0.1:{served.server_port}"]
    yield served
    served.shutdown()
    served.server_close()


def given(service: Service, **more: object) -> dict[str, object]:
    said = {"url": service.url, "records": "data.items"} | more
    return values.cleaned(registry.kind("http"), said)


def made(source: str, service: Service, **more: object) -> int:
    said = {"url": service.url, "records": "data.items"} | more
    return connections.create_connection(
        source=source, kind="http", title="Dịch vụ", settings=said, by=SYSTEM,
        schedule=Schedule("minutes", every=5),
    ).id  # fmt: skip


def accepted() -> int:
    return sum(Run.objects.values_list("accepted", flat=True))


PAGED = [
    {"paging": "link"},
    {"paging": "next", "next_path": "paging.next"},
    {"paging": "page", "page_parameter": "page"},
    {"paging": "offset", "page_parameter": "offset"},
    {"paging": "cursor", "page_parameter": "cursor", "next_path": "paging.cursor"},
]


@pytest.mark.parametrize("paging", PAGED, ids=lambda one: one["paging"])
def test_every_page_arrives_once(source, service, paging):
    pk = made(source, service, size_parameter="limit", size=3, **paging)
    attempt = pulled(pk)

    assert (attempt.outcome, attempt.items) == ("done", 1)
    assert accepted() == 7
    assert pulled(pk).outcome == "nothing"
    service.rows.append(_row(8))
    assert pulled(pk).outcome == "done"
    assert accepted() == 8


def test_with_since_only_what_is_new_is_asked_for(source, service):
    pk = made(
        source, service, paging="offset", page_parameter="offset", size_parameter="limit", size=3,
        since_parameter="since", since_field="sua.luc", since_first="2026-11-03T00:00:00",
    )  # fmt: skip
    pulled(pk)
    assert accepted() == 5
    service.asked.clear()
    service.rows += [_row(8), _row(9)]
    pulled(pk)
    assert "since=2026-11-07" in service.asked[0][0]
    assert accepted() == 7
    assert pulled(pk).outcome == "done"  # the newest alone, which is a duplicate
    assert pulled(pk).outcome == "nothing"
    assert accepted() == 7


def test_a_walk_that_breaks_goes_on_where_it_stopped(source, service, monkeypatch):
    monkeypatch.setattr(fetch, "_PAGES_AT_ONCE", 1)
    service.wrong = [None, None, 500]
    pk = made(source, service, paging="page", page_parameter="page", size_parameter="limit", size=2)

    attempt = pulled(pk)
    assert (attempt.outcome, attempt.items) == ("partly", 2) and "500" in attempt.error
    assert accepted() == 4
    service.asked.clear()
    assert pulled(pk).outcome == "done"
    assert "page=3" in service.asked[0][0]
    assert accepted() == 7
    assert "walk" not in Connection.objects.get().cursor


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (500, "đang lỗi"),
        (503, "đang lỗi"),
        (429, "quá nhiều"),
        (404, "404"),
        ("cut", "chưa đủ"),
        ("html", "JSON"),
    ],
)
def test_what_goes_wrong_is_told_and_mends_itself(source, service, wrong, said):
    service.wrong = [wrong]
    pk = made(source, service, paging="link")

    failed = pulled(pk)
    assert failed.outcome == "failed" and said in failed.error
    assert not Run.objects.exists()
    assert pulled(pk).outcome == "done"
    assert accepted() == 7


@pytest.mark.parametrize(
    ("login", "wanted"),
    [
        ({"login": "bearer", "secret": "k"}, ("Authorization", "Bearer k")),
        ({"login": "header", "secret": "k", "key_name": "X-API-Key"}, ("X-API-Key", "k")),
        ({"login": "basic", "user": "u", "secret": "k"}, ("Authorization", "Basic dTpr")),
    ],
)
def test_it_signs_in(service, login, wanted):
    service.wants = wanted
    with pulling.workroom(20) as room:
        assert "3 bản ghi" in fetch.test(given(service, **login), room).sentence
        with pytest.raises(ConnectorError, match="401"):
            fetch.test(given(service, **login | {"secret": "sai"}), room)


def _book() -> bytes:
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held)
    sheet = book.add_worksheet()
    for at, row in enumerate([["xa", "ngay", "so_ca"], ["25747", "1/11/2026", 5]]):
        sheet.write_row(at, 0, row)
    book.close()
    return held.getvalue()


XML = """<?xml version="1.0"?><r xmlns="urn:x"><t>1</t><ds>
<d xa="25747"><ngay>2026-11-01</ngay><so_ca>5</so_ca></d></ds></r>"""
BODIES = {
    "csv": (HEAD + "25747;1/11/2026;5;;;\n").encode(),
    "ndjson": json.dumps(_row(1)).encode(),
    "xlsx": _book(),
    "xml": XML.encode(),
    "json": json.dumps([_row(1)]).encode(),
}


@pytest.mark.parametrize("form", BODIES)
def test_every_form_is_read_and_its_original_kept(source, service, form):
    service.body = BODIES[form]
    pk = made(source, service, form=form, records={"xml": "ds.d"}.get(form, ""))

    assert pulled(pk).outcome == "done"
    run = Run.objects.get()
    assert (run.accepted, run.file.size) == (1, len(BODIES[form]))
    assert pulled(pk).outcome == "nothing"


def test_a_document_with_entities_is_refused(source, service):
    service.body = b"""<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><d>&x;</d></r>"""
    pk = made(source, service, form="xml", records="")
    attempt = pulled(pk)
    assert attempt.outcome == "failed" and "DOCTYPE" in attempt.error


def test_a_dry_run_shows_the_first_rows(source, service):
    service.rows[1]["so_ca"] = "nhiều"
    trial = trying.preview(
        source=Source.objects.get(), kind="http", by=SYSTEM,
        settings={"url": service.url, "records": "data.items", "paging": "link"},
    )  # fmt: skip
    assert (trial.accepted, trial.waiting) == (6, 1)
    assert not Run.objects.exists()


def test_a_next_page_on_another_server_is_not_followed(service):
    service.body = json.dumps({"data": {"items": [_row(1)]}, "next": "http://127.0.0.2/x"}).encode()
    declared = given(service, paging="next", next_path="next")
    with pulling.workroom(20) as room, pytest.raises(ConnectorError, match="máy chủ khác"):
        list(fetch.fetch(declared, {}, room))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": ""}, "url"),
        ({"paging": "page"}, "page_parameter"),
        ({"paging": "next"}, "next_path"),
        ({"form": "csv", "paging": "link"}, "paging"),
        ({"since_field": "a"}, "since_parameter"),
        ({"records": "a..[b"}, "records"),
        ({"login": "basic"}, "user"),
        ({"size": 0}, "size"),
        ({"form": "pdf"}, "form"),
    ],
)
def test_what_does_not_go_together_is_told_by_field(wrong, field):
    with pytest.raises(SettingsError) as caught:
        values.cleaned(registry.kind("http"), {"url": "https://a.vn"} | wrong)
    assert field in caught.value.faults
