"""The badge that newer rows wait: on while somebody may still approve them, and no longer."""

from datetime import timedelta

import pytest
from django.utils import timezone

from haidang.data.ingest import api as ingest
from haidang.foundation.core.audit import SYSTEM
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators.actions import queues
from haidang.insight.indicators.models import Queue, Series
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
OF_DATASET = {"indicator__spec__dataset": "ho-so"}


def test_a_rejected_run_takes_the_badge_off_and_stays_out_of_figures() -> None:
    world: World = build_world()
    indicators.install_starter()
    ingest.create_source(
        code="ho-so-tay", title="Hồ sơ", kind="file", dataset="ho-so",
        supplier_unit_id=world.unit("74"), by=SYSTEM,
    )  # fmt: skip
    by = world.scope("giamdoc.ioc")
    Queue.objects.get_or_create(dataset="ho-so")

    def badges(run: int) -> set[bool]:
        queues.note(dataset="ho-so", batch=run, now=timezone.now())
        queues.work_off(dataset="ho-so", now=timezone.now())
        return set(Series.objects.filter(**OF_DATASET).values_list("newer_pending", flat=True))

    first, second = _loaded(9), _loaded(1)
    ingest.approve_run(run=first, by=by)
    assert badges(first) == {True}
    ingest.reject_run(run=second, reason="Sai số", by=by)
    assert badges(second) == {False}
    figure = indicators.figure("ho-so-dung-han", world.unit("25747"), by)
    assert (figure.value, figure.newer_pending) == (100, False)


def _loaded(in_time: int) -> int:
    day = timezone.localdate() - timedelta(days=1)
    row = f"{day:%Y-%m-%d};25747;9;9;{in_time};0;0;0\n"
    head = "ngay;don_vi;tiep_nhan;giai_quyet;dung_han;qua_han;truc_tuyen;so_hoa\n"
    run = ingest.load(source="ho-so-tay", file=(head + row).encode(), name="a.csv", by=SYSTEM)
    assert run.accepted == 1, run
    return run.run_id
