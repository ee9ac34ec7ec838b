"""Registering devices from a table: what a file would do, and doing it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from haidang.data.ingest.actions import devices
from haidang.data.ingest.actions.processing import media_of
from haidang.data.ingest.actions.who import By
from haidang.data.ingest.errors import IngestError
from haidang.data.ingest.files import registers as files
from haidang.data.ingest.models import Device, Source
from haidang.data.ingest.queries.registry import row_of
from haidang.data.ingest.rules import registers
from haidang.data.ingest.rules.registers import Column, Judged, Line
from haidang.foundation.access.api import Scope
from haidang.foundation.core.errors import HaidangError
from haidang.foundation.org import api as org

__all__ = ["COLUMNS", "apply", "carry_out", "judge", "media_of", "preview"]

COLUMNS = (
    Column("code", "Mã thiết bị", registers.text, required=True, also=("Mã",)),
    Column("title", "Tên thiết bị", registers.text, also=("Tên",)),
    Column("source", "Mã nguồn", registers.text, required=True, also=("Nguồn",)),
    Column("unit", "Mã đơn vị", registers.text, required=True, also=("Mã xã", "Địa bàn")),
    Column("latitude", "Vĩ độ", registers.number, also=("Lat",)),
    Column("longitude", "Kinh độ", registers.number, also=("Lon", "Long")),
    Column("metrics", "Thông số", registers.names),
    Column("interval", "Chu kỳ gửi (giây)", registers.whole, also=("Chu kỳ gửi",)),
    Column("note", "Ghi chú", registers.text),
)


def preview(*, content: Iterable[bytes], media: str, by: Scope) -> list[Judged]:
    """Return what each row of a file would do; nothing is changed and nothing is kept.

    Raises UnreadableFileError, TooLargeError, SecretFileError.
    """
    return judge(files.lines(COLUMNS, content, media), by)


def judge(lines: Sequence[Line], by: Scope) -> list[Judged]:
    """Set rows beside the register, and beside what the scope may register."""
    codes = {str(line.values.get("code", "")) for line in lines}
    rows = Device.objects.filter(code__in=codes).select_related("source", "unit")
    found = {row.code: row for row in rows}
    sources = {one.code: one for one in Source.objects.all()}
    known = {code: row_of(row) for code, row in found.items()}

    def refuse(values: Mapping[str, Any], is_new: bool) -> Iterable[str]:
        owner = sources.get(str(values["source"]))
        before = found.get(str(values["code"]))
        if owner is None or not _may(by, owner):
            yield f"Nguồn “{values['source']}” không có trong phạm vi của bạn."
        elif before is not None and before.source_id != owner.pk:
            yield "Thiết bị đã đăng ký với nguồn khác; không chuyển nguồn bằng tệp."
        elif before is not None and before.state == Device.State.RETIRED:
            yield "Thiết bị đã ngừng; đưa vào hoạt động lại trước khi sửa."
        yield from _wrong(values, is_new, by)

    return registers.compare(lines, key="code", columns=COLUMNS, known=known, refuse=refuse)


def _wrong(values: Mapping[str, Any], is_new: bool, by: Scope) -> Iterable[str]:
    where = org.codes().get(str(values["unit"]))
    if where is None:
        yield f"Không có đơn vị mang mã “{values['unit']}”."
    elif where not in by.units("ingest.view"):
        yield f"Đơn vị “{values['unit']}” nằm ngoài phạm vi của bạn."
    if is_new:
        try:
            devices.check_code(str(values["code"]))
        except IngestError as error:
            yield error.message
    yield from registers.place_faults(values.get("latitude"), values.get("longitude"))


def _may(by: Scope, owner: Source) -> bool:
    return by.allows(devices.MANAGE, owner.supplier_id, owner.sector)


@transaction.atomic
def apply(*, lines: Sequence[Line], by: Scope, reason: str) -> dict[str, int]:
    """Register and change what the rows say, all or nothing; refused rows are left out.

    Returns how many rows were new, changed, same and refused now. Raises IngestError when no
    reason is given or nothing would change.
    """
    return carry_out(judge(lines, by), lambda one: _do(one, by, reason), reason)


def carry_out(
    judged: Sequence[Judged], do: Callable[[Judged], None], reason: str
) -> dict[str, int]:
    """Do what judged rows say and return the counts of their verdicts; the first fault ends all.

    Called within a transaction. Raises IngestError, naming the row.
    """
    if not reason.strip():
        raise IngestError("Cần ghi lý do nhập, ví dụ số văn bản.")
    for one in judged:
        try:
            do(one)
        except HaidangError as error:
            raise IngestError(f"Dòng {one.number}: {error.message}") from error
    return registers.counts(judged)


def _do(one: Judged, by: By, reason: str) -> None:
    said = one.values
    if one.verdict == registers.NEW:
        has_place = said.get("latitude") is not None
        devices.register_device(
            code=one.key,
            source=said["source"],
            unit_id=org.codes()[said["unit"]],
            title=said.get("title", ""),
            metrics=said.get("metrics", ()),
            place=(said["latitude"], said["longitude"]) if has_place else None,
            interval=said.get("interval"),
            note=said.get("note", ""),
            by=by,
            reason=reason,
        )
    elif one.verdict == registers.CHANGED:
        fields = ("title", "latitude", "longitude", "metrics", "interval", "note")
        changes = {name: said[name] for name in fields if name in said}
        changes["unit_id"] = org.codes()[said["unit"]]
        devices.change_device(device=one.key, by=by, reason=reason, **changes)
