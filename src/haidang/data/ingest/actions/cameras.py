"""The register of cameras: registered, changed, taken down; who looked or asked for what.

No picture is kept, here or anywhere in the platform.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from haidang.data.ingest.errors import CameraNotFoundError, IngestError
from haidang.data.ingest.models import Camera, CameraAccess
from haidang.data.ingest.permissions import CAMERAS_LOG, CAMERAS_MANAGE
from haidang.data.ingest.rules import registers
from haidang.foundation.access.api import Scope
from haidang.foundation.core import audit
from haidang.foundation.org import api as org

FIELDS = (
    "title", "unit_id", "sector", "place", "latitude", "longitude", "purpose", "legal_basis",
    "notice_place", "notice_since", "retention_days", "viewers", "state",
)  # fmt: skip
_CODE = re.compile(r"[^\s/#+?%\\]{1,100}")
_TAKEN = {"new", "import", "export.csv", "template.csv", "log"}
_NEEDED = {
    "title": "tên camera",
    "place": "vị trí, phạm vi quan sát",
    "purpose": "mục đích",
    "legal_basis": "căn cứ pháp lý",
    "viewers": "người được xem",
}
_AHEAD = dt.timedelta(minutes=10)


@transaction.atomic
def register(*, code: str, owner_id: int, by: Scope, reason: str, **said: Any) -> Camera:
    """Register a camera of an owner in the scope.

    Raises NotAllowedError, IngestError with what is missing or wrong.
    """
    camera = Camera(code=code, owner_id=owner_id, **_known(said))
    by.require(CAMERAS_MANAGE, owner_id, camera.sector)
    if not _CODE.fullmatch(code) or code in _TAKEN:
        raise IngestError(
            f"Mã camera “{code}” chưa dùng được: tối đa 100 ký tự, không có dấu cách và các dấu "
            "/ # + ? % \\, không trùng tên trang có sẵn."
        )
    if Camera.objects.filter(code=code).exists():
        raise IngestError(f"Mã camera “{code}” đã đăng ký.")
    _check(camera, reason)
    camera.registered_by_id, camera.registered_by_label = by.actor.id, by.actor.label
    camera.save()
    audit.record(
        action="ingest.camera_registered",
        on=camera,
        by=by.actor,
        changes={"code": code, "owner": owner_id},
        reason=reason,
    )
    return camera


@transaction.atomic
def change(*, camera: str, by: Scope, reason: str, **said: Any) -> Camera:
    """Change what is registered; code and owner stay. Raises CameraNotFoundError, IngestError."""
    row = _locked(camera)
    by.require(CAMERAS_MANAGE, row.owner_id, row.sector)
    before = {name: getattr(row, name) for name in said}
    for name, value in _known(said).items():
        setattr(row, name, value)
    by.require(CAMERAS_MANAGE, row.owner_id, row.sector)
    new = {
        name: [registers.shown(before[name]), registers.shown(getattr(row, name))]
        for name in said
        if getattr(row, name) != before[name]
    }
    if new:
        _check(row, reason)
        row.save()
        audit.record(
            action="ingest.camera_changed", on=row, by=by.actor, changes=new, reason=reason
        )
    return row


@transaction.atomic
def log(
    *,
    camera: str,
    kind: str,
    at: dt.datetime,
    who: str,
    purpose: str,
    by: Scope,
    now: dt.datetime,
    document: str = "",
    span_from: dt.datetime | None = None,
    span_to: dt.datetime | None = None,
) -> CameraAccess:
    """Note that somebody looked at a camera or asked for its pictures; never changed afterwards.

    Raises CameraNotFoundError, NotAllowedError, IngestError.
    """
    row = _locked(camera)
    by.require(CAMERAS_LOG, row.owner_id, row.sector)
    made = CameraAccess(
        camera=row,
        kind=kind,
        at=at,
        who=who.strip(),
        purpose=purpose.strip(),
        document=document.strip(),
        span_from=span_from,
        span_to=span_to,
        recorded_at=now,
        recorded_by_id=by.actor.id,
        recorded_by_label=by.actor.label,
    )
    _check_access(made, now)
    made.save()
    audit.record(
        action="ingest.camera_accessed",
        on=row,
        by=by.actor,
        changes={"access": made.pk, "kind": kind, "who": made.who},
        reason=made.purpose,
    )
    return made


def _check_access(one: CameraAccess, now: dt.datetime) -> None:
    """Raise IngestError for what does not say who, why and when."""
    if one.kind not in CameraAccess.Kind.values:
        raise IngestError(f"Không có loại truy cập “{one.kind}”.")
    if not one.who or not one.purpose:
        raise IngestError("Cần ghi ai xem hoặc đề nghị, và mục đích.")
    if one.kind not in ("live", "recorded") and not one.document:
        raise IngestError("Trích xuất, đề nghị hoặc từ chối phải ghi văn bản.")
    if one.at > now + _AHEAD:
        raise IngestError("Thời điểm truy cập ở tương lai. Kiểm tra lại ngày, giờ.")
    if one.span_from and one.span_to and one.span_to < one.span_from:
        raise IngestError("Đoạn hình ảnh kết thúc trước khi bắt đầu.")


def _locked(code: str) -> Camera:
    found = Camera.objects.select_for_update(of=("self",)).filter(code=code).first()
    if found is None:
        raise CameraNotFoundError(f"Không tìm thấy camera “{code}”.")
    return found


def _known(said: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(said) - set(FIELDS):
        raise IngestError(f"Không có mục: {', '.join(sorted(unknown))}.")
    return {
        name: value.strip() if isinstance(value, str) else value for name, value in said.items()
    }


def _check(camera: Camera, reason: str) -> None:
    if not reason.strip():
        raise IngestError("Cần ghi lý do.")
    for fault in faults(vars(camera)):
        raise IngestError(fault)


def faults(said: Mapping[str, Any]) -> list[str]:
    """Return what is missing or wrong in what is said of a camera."""
    found = [f"Cần ghi {word}." for name, word in _NEEDED.items() if not said.get(name)]
    if not said.get("retention_days") or not 0 < said["retention_days"] <= 32767:
        found.append("Cần ghi số ngày lưu hình ảnh, từ 1 ngày.")
    if bool(said.get("notice_place")) != bool(said.get("notice_since")):
        found.append("Thông báo công khai cần cả nơi đặt và ngày bắt đầu.")
    sector = said.get("sector")
    if sector and sector not in {one.code for one in org.sectors()}:
        found.append(f"Không có lĩnh vực “{sector}”.")
    if said.get("state") and said["state"] not in Camera.State.values:
        found.append(f"Không có tình trạng “{said['state']}”.")
    return found + registers.place_faults(said.get("latitude"), said.get("longitude"))
