"""What a person typed is approved by another: also by way of a mended row."""

import pytest

from haidang.data.ingest import api as ingest
from haidang.data.ingest.models import Run
from haidang.data.ingest.queries import listing
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM

from .test_loading import BAD, load
from .test_mending import mended, row

MENDER, REPLAYER = "giamdoc.stnmt", "thongke.stnmt"


@pytest.fixture
def receipt(source, world):
    unit = world.unit("74.STNMT")
    access.grant(account=world.accounts[MENDER], role="data_steward", unit=unit, by=SYSTEM)
    return load(source, BAD)


def test_the_mender_does_not_approve_what_another_loaded_again(receipt, world):
    ingest.mend(row=row(5).pk, values=mended(5, so_ca="12"), by=world.scope(MENDER))
    again = ingest.replay(rows=[row(5).pk], by=world.scope(REPLAYER))

    with pytest.raises(ingest.SamePersonError):
        ingest.approve_run(run=again.run_id, by=world.scope(MENDER))
    waiting = listing.awaiting_approval(world.scope(MENDER))
    assert again.run_id not in set(waiting.values_list("pk", flat=True))
    page = world.client(MENDER).get(f"/console/sources/runs/{again.run_id}/")
    assert not page.context["may_approve"]
    ingest.approve_run(run=again.run_id, by=world.scope("giamdoc.ioc"))


def test_typed_values_wait_for_approval_also_where_the_source_is_automatic(receipt, world, source):
    ingest.propose_automatic(source=source, by=world.scope(REPLAYER))
    ingest.approve_automatic(source=source, by=world.scope("giamdoc.ioc"))
    ingest.mend(row=row(5).pk, values=mended(5, so_ca="12"), by=world.scope(REPLAYER))

    typed = ingest.replay(rows=[row(5).pk], by=world.scope(REPLAYER))
    untouched = ingest.replay(rows=[row(6).pk], by=world.scope(REPLAYER))

    assert Run.objects.get(pk=typed.run_id).approval == "pending"
    assert Run.objects.get(pk=untouched.run_id).approval == "not_needed"


def test_a_right_in_one_sector_does_not_reach_a_source_of_none(source, world):
    assert not world.scope(REPLAYER).allows("ingest.load", world.unit("25747"), "")
