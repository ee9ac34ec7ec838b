"""CKAN, DCAT, CAP and NGSI-LD fetched from a real server of this machine, with the real files."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from haidang.data.ingest.actions import connections, describing, pulling
from haidang.data.ingest.connectors import registry
from haidang.data.ingest.connectors.dcat.fetch import rows_of
from haidang.data.ingest.models import Attempt, Connection, Run
from haidang.data.ingest.rules.pulling import Schedule
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM

Answer = Callable[[dict[str, str]], bytes] | bytes


class Served:
    """A server of this machine: what stands under each path, and what was asked."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.paths: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []


class Handler(http.server.BaseHTTPRequestHandler):
    side: Served

    def do_GET(self):
        parts = urlsplit(self.path)
        given = {name: words[0] for name, words in parse_qs(parts.query).items()}
        self.side.asked.append((self.path, dict(self.headers.items())))
        answer = self.side.paths.get(parts.path)
        body = answer(given) if callable(answer) else answer
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *given):
        """Say nothing."""


@pytest.fixture
def side(settings) -> Iterator[Served]:
    handler = type("Own", (Handler,), {})
    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=served.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    settings.OUTSIDE_ADDRESSES = [f"127.0.0.1:{served.server_port}"]
    handler.side = Served(f"http://127.0.0.1:{served.server_port}")
    yield handler.side
    served.shutdown()
    served.server_close()


@pytest.fixture
def make(world) -> Callable[..., int]:
    """Make a source of a shipped standard, and a connection of it that is due."""

    def made(model: str, kind: str, **settings) -> int:
        said = describing.of_model(model=model, by=SYSTEM)
        draft = describing.Draft(
            dataset="bo-lay-ve", title="Lấy về", source="nguon-lay-ve", source_title="Lấy về",
            fields=[describing.field_of(one) for one in said.proposal.fields],
            supplier_unit_id=world.unit("74.STNMT"), mapping=said.proposal.mapping,
        )  # fmt: skip
        source = describing.make(draft=draft, by=SYSTEM, reason="Thử").code
        ref = connections.create_connection(
            source=source, kind=kind, title="Lấy về", settings=settings,
            schedule=Schedule("minutes", every=60), by=SYSTEM,
        )  # fmt: skip
        return ref.id

    return made


def pulled(pk: int) -> Attempt:
    Connection.objects.filter(pk=pk).update(next_at=timezone.now())
    attempt = pulling.pull(connection=pk)
    assert attempt is not None
    return attempt


def rows() -> list[dict]:
    table = warehouse.table("bo-lay-ve", scope=access.EVERYTHING)
    return warehouse.execute(table).to_pylist()


def tried(kind: str, **settings) -> str:
    from haidang.data.ingest.connectors.values import cleaned

    with pulling.workroom(30) as room:
        return registry.work(kind).test(cleaned(registry.kind(kind), settings), room).sentence


def feed(*links: str) -> bytes:
    entries = "".join(
        f'<entry><id>{at}</id><title>t</title><updated>2026-11-{at + 1:02}</updated>'
        f'<link href="{link}"/></entry>' for at, link in enumerate(links)
    )  # fmt: skip
    head = "<id>1</id><title>t</title><updated>x</updated>"
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{entries}</feed>'.encode()


def test_alerts_that_a_feed_names_are_followed_once(side, make, real):
    folder = real / "cap-alerts"
    for name in ("canada.cap.xml", "earthquake.cap.xml", "xee.cap.xml"):
        side.paths[f"/{name}"] = (folder / name).read_bytes()
    side.paths["/feed"] = feed("canada.cap.xml", "xee.cap.xml", "/earthquake.cap.xml")
    assert "0 bản tin kèm theo, 3 đường dẫn" in tried("cap", url=f"{side.origin}/feed")
    pk = make("canh-bao-cap", "cap", url=f"{side.origin}/feed", key="bi-mat")

    attempt = pulled(pk)
    assert (attempt.outcome, attempt.items, attempt.refused) == ("partly", 3, 1)
    assert "DOCTYPE" in attempt.error, "the attack is refused; the alerts beside it land"
    assert len(rows()) == 5
    assert pulled(pk).outcome == "nothing"
    assert all(headers["Authorization"] == "Bearer bi-mat" for _, headers in side.asked[4:])
    side.paths["/feed"] = feed("http://127.0.0.2:1/a")
    assert "danh sách được phép" in pulled(pk).error


def test_alerts_that_a_feed_holds_are_taken_one_by_one(side, make, real):
    side.paths["/feed"] = (real / "cap-alerts" / "weather.atom.xml").read_bytes()
    pk = make("canh-bao-cap", "cap", url=f"{side.origin}/feed")
    assert (pulled(pk).items, pulled(pk).outcome) == (1, "nothing")
    assert rows()[0]["su_kien"] == "Flash Flood Watch"


def portal(side: Served, real, count: int) -> list[dict]:
    """A portal with as many datasets, named as those of the real list."""
    listed = (real / "dcat-ckan" / "ckan" / "open-alberta_package_list.json").read_bytes()
    names = json.loads(listed)["result"][:count]
    packages = [
        {
            "id": f"id-{at}", "name": name, "title": name.title(), "organization": {"title": "Sở"},
            "metadata_modified": f"2026-11-{1 + at // 50:02}T00:00:{at % 50:02}",
            "tags": [{"name": "a"}], "resources": [{"id": "r", "format": "CSV", "url": "/x"}],
        }
        for at, name in enumerate(names)
    ]  # fmt: skip

    def search(given: dict[str, str]) -> bytes:
        since = given["fq"].removeprefix("metadata_modified:[").partition("Z")[0]
        found = [
            one for one in packages if given["fq"] == "*:*" or one["metadata_modified"] >= since
        ]
        found.sort(key=lambda one: (one["metadata_modified"], one["name"]))
        start = int(given["start"])
        page = found[start : start + int(given["rows"])]
        return json.dumps({"success": True, "result": {"results": page}}).encode()

    side.paths["/api/3/action/package_list"] = listed
    side.paths["/api/3/action/package_search"] = search
    return packages


def test_a_portal_is_harvested_by_pages_and_then_only_what_changed(side, make, real):
    packages = portal(side, real, 230)
    assert "31.340 bộ dữ liệu" in tried("ckan", url=side.origin)
    pk = make("danh-muc-ckan", "ckan", url=f"{side.origin}/", what="catalogue")

    assert pulled(pk).items == 3
    assert len(rows()) == 230 and rows()[0]["don_vi"] == "Sở"
    assert pulled(pk).outcome == "nothing"
    packages[3] |= {"title": "Tên mới", "metadata_modified": "2026-11-20T00:00:00"}
    assert pulled(pk).items == 1
    assert Run.objects.order_by("-id").values_list("read", "revised")[0] == (1, 1)
    side.paths["/api/3/action/package_search"] = b'{"success": false, "error": {"message": "Hong"}}'
    assert "Hong" in pulled(pk).error


def test_the_tables_of_one_dataset_are_fetched_when_they_change(side, world, real):
    path = real / "vn-governance-indices" / "Budget" / "south.csv"
    side.paths["/f/south.csv"] = path.read_bytes()
    resource = {
        "id": "r1", "name": "south", "format": "csv", "url": "/f/south.csv", "last_modified": "1",
    }  # fmt: skip

    def show(given: dict[str, str]) -> bytes:
        return json.dumps({"success": True, "result": {"resources": [resource]}}).encode()

    side.paths["/api/3/action/package_show"] = show
    said = describing.look_at(content=[path.read_bytes()], name=path.name, by=SYSTEM)
    draft = describing.Draft(
        dataset="bo-lay-ve", title="x", source="nguon-lay-ve", source_title="x",
        fields=[describing.field_of(one) for one in said.proposal.fields],
        supplier_unit_id=world.unit("74.STNMT"), mapping=said.proposal.mapping,
    )  # fmt: skip
    describing.make(draft=draft, by=SYSTEM, reason="Thử")
    ref = connections.create_connection(
        source="nguon-lay-ve", kind="ckan", title="x", by=SYSTEM,
        schedule=Schedule("minutes", every=60),
        settings={"url": side.origin, "what": "resources", "package": "p"},
    )  # fmt: skip

    assert pulled(ref.id).items == 1 and len(rows()) > 50
    assert pulled(ref.id).outcome == "nothing"
    resource["last_modified"] = "2"
    assert pulled(ref.id).items == 1


def test_a_catalogue_is_a_snapshot(side, make, real):
    folder = real / "dcat-ckan"
    side.paths["/c"] = (folder / "data-json" / "usda.gov.data.json").read_bytes()
    pk = make("danh-muc-dcat", "dcat", url=f"{side.origin}/c")
    assert "bộ dữ liệu" in tried("dcat", url=f"{side.origin}/c")
    assert pulled(pk).items == 1
    assert len(rows()) == 3 and all(row["tieu_de"] for row in rows())
    assert pulled(pk).outcome == "nothing"


def test_real_catalogues_give_their_datasets(real):
    folder = real / "dcat-ckan"
    counts = {}
    for path in [
        *(folder / "dcat-ap").rglob("*example*.jsonld"),
        *(folder / "data-json").glob("*"),
    ]:
        counts[path.name] = len(rows_of(json.loads(path.read_bytes())))
    assert counts["usda.gov.data.json"] == 3 and counts["example-ms_catalogue.jsonld"] == 1
    assert sum(count > 0 for count in counts.values()) >= 30, counts


def test_entities_are_paged_and_then_only_those_that_changed(side, make, real):
    example = real / "smart-data-models" / "Environment" / "AirQualityObserved" / "examples"
    entity = json.loads((example / "example-normalized.jsonld").read_bytes())
    entities = [
        entity
        | {"id": f"urn:ngsi-ld:A:{at}", "modifiedAt": f"2026-11-01T00:00:0{at}Z"}
        for at in range(5)
    ]  # fmt: skip

    def answer(given: dict[str, str]) -> bytes:
        since = given.get("q", "").removeprefix('modifiedAt>"').rstrip('"')
        found = [one for one in entities if one["modifiedAt"] > since]
        start = int(given["offset"])
        return json.dumps(found[start : start + int(given["limit"])]).encode()

    side.paths["/ngsi-ld/v1/entities"] = answer
    pk = make("AirQualityObserved", "ngsi", url=side.origin, type="AirQualityObserved", page=2)
    assert pulled(pk).items == 3
    assert {row["no2"] for row in rows()} == {69} and len(rows()) == 5
    assert pulled(pk).outcome == "nothing"
    entities[1] |= {"modifiedAt": "2026-11-02T00:00:00Z", "no2": {"type": "Property", "value": 70}}
    assert pulled(pk).items == 1
    assert sorted(row["no2"] for row in rows()) == [69, 69, 69, 69, 70]
    assert not any("context.jsonld" in path for path, _ in side.asked), "no @context is fetched"
