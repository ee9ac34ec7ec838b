"""Registering cameras from a table: what a file would do, and doing it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from haidang.data.ingest.actions import cameras
from haidang.data.ingest.actions.importing import carry_out
from haidang.data.ingest.files import registers as files
from haidang.data.ingest.models import Camera
from haidang.data.ingest.permissions import CAMERAS_MANAGE
from haidang.data.ingest.queries.cameras import row_of
from haidang.data.ingest.rules import registers
from haidang.data.ingest.rules.registers import Column, Judged, Line
from haidang.foundation.access.api import Scope
from haidang.foundation.org import api as org

COLUMNS = (
    Column("code", "Mã camera", registers.text, required=True, also=("Mã",)),
    Column("title", "Tên camera", registers.text, required=True, also=("Tên",)),
    Column("owner", "Mã đơn vị quản lý", registers.text, required=True),
    Column("unit", "Mã địa bàn", registers.text, required=True, also=("Mã xã",)),
    Column("sector", "Lĩnh vực", registers.text),
    Column("place", "Vị trí, phạm vi quan sát", registers.text, required=True, also=("Vị trí",)),
    Column("latitude", "Vĩ độ", registers.number, also=("Lat",)),
    Column("longitude", "Kinh độ", registers.number, also=("Lon", "Long")),
    Column("purpose", "Mục đích", registers.text, required=True),
    Column("legal_basis", "Căn cứ pháp lý", registers.text, required=True),
    Column("notice_place", "Nơi đặt thông báo", registers.text),
    Column("notice_since", "Thông báo từ ngày", registers.day),
    Column("retention_days", "Số ngày lưu hình ảnh", registers.whole, required=True),
    Column("viewers", "Người được xem", registers.text, required=True),
    Column("state", "Tình trạng", registers.one_of(dict(Camera.State.choices))),
)


def preview(*, content: Iterable[bytes], media: str, by: Scope) -> list[Judged]:
    """Return what each row of a file would do; nothing is changed and nothing is kept."""
    return judge(files.lines(COLUMNS, content, media), by)


def judge(lines: Sequence[Line], by: Scope) -> list[Judged]:
    """Set rows beside the register, and beside what the scope may register."""
    codes = {str(line.values.get("code", "")) for line in lines}
    rows = Camera.objects.filter(code__in=codes).select_related("owner", "unit")
    known = {row.code: row_of(row) for row in rows}
    lines = [_with_state(line, known) for line in lines]

    def refuse(values: Mapping[str, Any], is_new: bool) -> Iterable[str]:
        owner, unit = (org.codes().get(str(values[name])) for name in ("owner", "unit"))
        before = known.get(str(values["code"]))
        sector = str(values.get("sector", before["sector"] if before else ""))
        if owner is None or not by.allows(CAMERAS_MANAGE, owner, sector):
            yield f"Đơn vị quản lý “{values['owner']}” không có trong phạm vi của bạn."
        elif before is not None and before["owner"] != values["owner"]:
            yield "Camera đã đăng ký của đơn vị khác; không chuyển bằng tệp."
        if unit is None:
            yield f"Không có đơn vị mang mã “{values['unit']}”."
        yield from cameras.faults({**(before or {}), **values})

    return registers.compare(lines, key="code", columns=COLUMNS, known=known, refuse=refuse)


def _with_state(line: Line, known: Mapping[str, Mapping[str, Any]]) -> Line:
    """An empty state leaves what is; of a new camera it says that it works."""
    if line.values.get("state"):
        return line
    before = known.get(str(line.values.get("code", "")))
    state = before["state"] if before else Camera.State.ACTIVE.value
    return Line(line.number, {**line.values, "state": state}, line.faults)


@transaction.atomic
def apply(*, lines: Sequence[Line], by: Scope, reason: str) -> dict[str, int]:
    """Register and change what the rows say, all or nothing; refused rows are left out."""
    return carry_out(judge(lines, by), lambda one: _do(one, by, reason), reason)


def _do(one: Judged, by: Scope, reason: str) -> None:
    if one.verdict not in (registers.NEW, registers.CHANGED):
        return
    said = {name: one.values[name] for name in cameras.FIELDS if name in one.values}
    said["unit_id"] = org.codes()[one.values["unit"]]
    if one.verdict == registers.NEW:
        owner = org.codes()[one.values["owner"]]
        cameras.register(code=one.key, owner_id=owner, by=by, reason=reason, **said)
    else:
        cameras.change(camera=one.key, by=by, reason=reason, **said)
