"""Routes of the four words of quality."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema

from haidang.data.ingest.queries import quality
from haidang.data.ingest.routes.common import router, scope_of
from haidang.data.ingest.rules.quality import MEANINGS
from haidang.data.ingest.tables import quality as tables
from haidang.foundation.access.api import SessionOrKey
from haidang.foundation.org import api as org


class ScoreOut(Schema):
    """Một trong bốn chữ: điểm 0–100, hoặc null khi không đủ căn cứ; câu nói rõ đã đếm gì."""

    word: str
    title: str
    value: float | None
    sentence: str


class QualityOut(Schema):
    """Bốn chữ đúng, đủ, sạch, sống của một nguồn trong kỳ."""

    source: str
    title: str
    dataset: str
    unit: str
    sector: str
    scores: list[ScoreOut]


class QualitiesOut(Schema):
    kind: str
    period: str
    total: int
    meanings: dict[str, str]
    sources: list[QualityOut]


@router.get(
    "/quality",
    response=QualitiesOut,
    auth=SessionOrKey("ingest.view"),
    summary="Chất lượng số liệu: đúng, đủ, sạch, sống của từng nguồn",
)
def get_quality(
    request: HttpRequest,
    kind: str = "month",
    period: str = "",
    unit: str = "",
    sector: str = "",
    dataset: str = "",
    page: int = 1,
) -> dict[str, Any]:
    """Nguồn kém nhất trước, 100 nguồn một trang. kind: day hoặc month; period: 2026-11."""
    now = timezone.now()
    given = {"kind": kind, "period": period, "unit": unit, "sector": sector, "dataset": dataset}
    asked = quality.asked(given, now)
    paged = Paginator(quality.wanted(scope_of(request), asked, now), 100)
    rows = paged.get_page(page).object_list
    units = org.units({one.source.supplier_id for one in rows})
    return {
        "kind": asked.period.kind,
        "period": asked.period.key,
        "total": paged.count,
        "meanings": MEANINGS,
        "sources": [_quality(one, units[one.source.supplier_id].code) for one in rows],
    }


class LineOut(Schema):
    title: str
    note: str
    url: str
    scores: list[ScoreOut]


class LinesOut(Schema):
    by: str
    period: str
    lines: list[LineOut]


@router.get(
    "/quality/by/{by}",
    response=LinesOut,
    auth=SessionOrKey("ingest.view"),
    summary="Đúng, đủ, sạch, sống theo bộ dữ liệu, đơn vị hoặc chỉ tiêu",
)
def get_quality_by(
    request: HttpRequest, by: str, kind: str = "month", period: str = "", unit: str = "",
    sector: str = "", dataset: str = "",
) -> dict[str, Any]:  # fmt: skip
    """by: source, dataset, unit, indicator; kém nhất trước."""
    now = timezone.now()
    given = {"kind": kind, "period": period, "unit": unit, "sector": sector, "dataset": dataset}
    asked = quality.asked(given, now)
    by = by if by in tables.groups() else "source"
    found = tables.lines(
        scope_of(request), quality.wanted(scope_of(request), asked, now), asked, by
    )
    lines = [
        {"title": one.title, "note": one.note, "url": one.address, "scores": list(one.scores)}
        for one in found
    ]
    return {"by": by, "period": asked.period.key, "lines": lines}


def _quality(one: quality.Rated, unit: str) -> dict[str, Any]:
    source = one.source
    return {
        "source": source.code,
        "title": source.title,
        "dataset": source.dataset,
        "unit": unit,
        "sector": source.sector,
        "scores": list(one.scores),
    }
