"""Every figure of the demo province, followed to what was sent and to the persons behind it."""

from typing import Any

import pytest

from tests.functional.demo import Enter

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def loose_ends(step: dict[str, Any]) -> list[str]:
    """Return the places at which a lineage ends at nothing and nobody."""
    if step["value"] is None:
        return []
    here = f"{step['indicator']} {step['unit']}"
    found = [end for below in step["inputs"] for end in loose_ends(below)]
    for part in step["parts"]:
        sent = part["sha256"] if part["file_name"] else part["source"]
        if not (sent and part["rows"] and part["loaded_by"] and part["approved_by"]):
            found.append(f"{here}: batch {part['batch']} {part}")
    for typed in step["typed"]:
        if not typed["decided_by"] or typed["decided_by"] == typed["typed_by"]:
            found.append(f"{here}: typed by {typed['typed_by']}, by nobody else approved")
    report = step["reference"]
    if report and not (report["title"] and report["url"] and report["lines"]):
        found.append(f"{here}: {report}")
    if not (step["inputs"] or step["parts"] or step["typed"] or report):
        found.append(f"{here}: nothing below it")
    return found


def test_every_figure_ends_at_what_was_sent_and_at_two_persons(enter: Enter) -> None:
    page = enter("giamdoc.ioc")
    codes = [
        one["code"] for one in page.request.get("/api/v1/indicators?limit=500").json()["items"]
    ]
    followed = [page.request.get(f"/api/v1/figures/{code}/74/lineage").json() for code in codes]

    assert len(codes) == 61
    assert [end for step in followed for end in loose_ends(step)] == []
    known = [step for step in followed if step["value"] is not None]
    assert {step["method"] for step in known} == {"lake", "live", "formula", "manual"}
    assert len(known) > 55
