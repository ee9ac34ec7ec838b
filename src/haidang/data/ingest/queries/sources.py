"""Sources and devices."""

from django.db.models import F

from haidang.data.ingest.errors import SourceNotFoundError
from haidang.data.ingest.models import Device, Source
from haidang.data.ingest.rules.values import DeviceRef, SourceRef


def source(code: str) -> SourceRef:
    """Return the source with this code. Raises SourceNotFoundError."""
    found = Source.objects.filter(code=code).first()
    if found is None:
        raise SourceNotFoundError(f"Không tìm thấy nguồn dữ liệu “{code}”.")
    return source_ref(found)


def sources(dataset: str = "") -> list[SourceRef]:
    """Return all sources, or those that feed one dataset, by code."""
    wanted = Source.objects.order_by("code")
    if dataset:
        wanted = wanted.filter(dataset=dataset)
    return [source_ref(found) for found in wanted]


def source_for(dataset: str) -> SourceRef:
    """Return the one active source that feeds a dataset by file, or the first that feeds it.

    Raises SourceNotFoundError when nobody supplies the dataset.
    """
    feeding = [found for found in sources(dataset) if found.is_active]
    by_file = [found for found in feeding if found.kind == Source.Kind.FILE]
    if not feeding:
        raise SourceNotFoundError(f"Chưa có nguồn nào cung cấp bộ dữ liệu “{dataset}”.")
    return (by_file or feeding)[0]


def devices() -> dict[str, DeviceRef]:
    """Return every registered device by its code, in one query."""
    rows = Device.objects.annotate(source_code=F("source__code"), unit_code=F("unit__code"))
    return {row.code: device_ref(row, row.source_code, row.unit_code) for row in rows}


def source_ref(found: Source) -> SourceRef:
    """Return the value of a source's row."""
    return SourceRef(
        id=found.pk,
        code=found.code,
        title=found.title,
        kind=found.kind,
        dataset=found.dataset,
        supplier_unit_id=found.supplier_id,
        sector=found.sector,
        cycle=found.cycle,
        is_automatic=found.is_automatic,
        is_life_safety=found.is_life_safety,
        is_active=found.is_active,
        is_simulated=found.is_simulated,
        last_success_at=found.last_success_at,
        late_since=found.late_since,
        max_age_days=found.max_age_days,
    )


def device_ref(row: Device, source: str, unit_code: str) -> DeviceRef:
    """Return the value of a device's row."""
    has_place = row.latitude is not None and row.longitude is not None
    return DeviceRef(
        id=row.pk,
        code=row.code,
        source=source,
        unit_id=row.unit_id,
        unit_code=unit_code,
        state=row.state,
        title=row.title,
        metrics=tuple(row.metrics),
        place=(row.latitude, row.longitude) if has_place else None,  # type: ignore[arg-type]
    )
