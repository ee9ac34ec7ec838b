"""OpenLineage events, as a real HTTP server receives them."""

import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from haidang.data.ingest import api as ingest
from haidang.data.pipelines import api as pipelines
from haidang.data.pipelines.actions import telling
from haidang.data.pipelines.models import PipelineRun
from haidang.data.pipelines.tests.conftest import WRITER, bring, make
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import HaidangError
from tests.world import World


class Server:
    """Keeps what was posted; answers 503 to as many posts as it is told."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.refuses = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = 503 if outer.refuses else 201
                outer.refuses = max(outer.refuses - 1, 0)
                if status == 201:
                    outer.got.append(json.loads(body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    made = Server()
    port = made.http.server_port
    settings.OPENLINEAGE_URL = f"http://127.0.0.1:{port}/api/v1/lineage"
    settings.OUTSIDE_ADDRESSES = [f"127.0.0.1:{port}"]
    yield made
    made.http.shutdown()
    made.http.server_close()


def test_runs_and_loads_are_told(world: World, server: Server, settings: Any) -> None:
    bring(("25747", "2026-01-05", 3), ("25741", "2026-01-05", 4))
    make(world)
    run = pipelines.run(pipelines.run_now(pipeline="tong", by=world.scope(WRITER)).pk)
    year = PipelineRun.objects.get(pk=run.pk)
    assert year.batch is None or year.state == "landed"
    telling.tell_start(run.pk)
    server.refuses = 1
    with pytest.raises(HaidangError):  # the job is tried again by its queue
        telling.tell_end(run.pk)
    telling.tell_end(run.pk)
    start, end = server.got
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == end["run"]["runId"] == str(uuid.UUID(start["run"]["runId"]))
    assert end["job"] == {"namespace": settings.PUBLIC_URL, "name": "pipeline.tong"}
    assert end["inputs"][0]["name"] == "ca-benh"
    assert end["inputs"][0]["inputFacets"]["inputStatistics"]["rowCount"] == 2
    assert end["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == year.accepted

    ingest.create_source(
        code="tay", title="Nhập tay", kind="file", dataset="ca-benh",
        supplier_unit_id=world.unit("74.STNMT"), by=SYSTEM,
    )  # fmt: skip
    content = b"xa;ngay;so_ca\n25741;06/01/2026;9\n"
    loaded = ingest.load(source="tay", file=content, name="a.csv", by=SYSTEM)
    telling.tell_load(loaded.run_id)
    assert [one["eventType"] for one in server.got[2:]] == ["START", "COMPLETE"]
    assert server.got[3]["outputs"][0]["name"] == "ca-benh"

    year.state, year.failure = "failed", "Không đạt phép kiểm tra"
    PipelineRun.objects.filter(pk=run.pk).update(state="failed", failure=year.failure)
    telling.tell_end(run.pk)
    failed = server.got[-1]
    assert failed["eventType"] == "FAIL"
    assert failed["run"]["facets"]["errorMessage"]["message"] == year.failure
    for one in server.got:
        assert {"eventTime", "producer", "schemaURL", "run", "job"} <= one.keys()

    settings.OUTSIDE_ADDRESSES = []
    with pytest.raises(HaidangError, match="HAIDANG_OUTSIDE_ADDRESSES"):
        telling.tell_end(run.pk)
