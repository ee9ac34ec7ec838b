"""Invented cameras and calibration plans, so that their registers show what they hold."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from haidang.data.ingest import api as ingest
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org

# Code, title, commune, owner, sector, place, purpose.
CAMERAS = (
    ("CAM-GT-01", "Camera ngã sáu Phú Cường", "25747", "74.CA", "giao-thong",
     "Ngã sáu Phú Cường, nhìn ba hướng vào chợ", "Giám sát giao thông, xử lý vi phạm"),
    ("CAM-GT-02", "Camera nút giao Sóng Thần", "25942", "74.CA", "giao-thong",
     "Cột đèn phía bắc nút giao Sóng Thần", "Giám sát giao thông, xử lý vi phạm"),
    ("CAM-AN-01", "Camera quảng trường trung tâm", "25747", "74.CA", "an-ninh",
     "Cổng chính quảng trường", "Bảo đảm an ninh, trật tự nơi công cộng"),
    ("CAM-NG-01", "Camera điểm ngập đường ven sông", "25747", "74.STNMT", "thuy-van",
     "Cầu Phú Cường, nhìn mực nước", "Theo dõi ngập, không nhận dạng người"),
)  # fmt: skip
CALIBRATED = ("KK-001", "KK-002", "KK-003")


def install() -> None:
    """Register the cameras with some accesses, and declare the plans."""
    now = timezone.now()
    for number, (code, title, unit, owner, sector, place, purpose) in enumerate(CAMERAS):
        told = number != 2  # one lacks its notice, as a register finds it
        ingest.register_camera(
            code=code,
            owner_id=org.unit(owner).id,
            unit_id=org.unit(unit).id,
            title=f"{title} (mô phỏng)",
            sector=sector,
            place=place,
            purpose=purpose,
            legal_basis="Kế hoạch mô phỏng số 01",
            notice_place="Biển báo tại cột" if told else "",
            notice_since=timezone.localdate(now) - timedelta(days=200) if told else None,
            retention_days=30,
            viewers="Trực ban của đơn vị quản lý",
            reason="Dữ liệu mô phỏng",
            by=access.EVERYTHING,
        )
    _accesses(now)
    morning = timezone.localtime(now).replace(hour=9, minute=0, second=0, microsecond=0)
    for device in CALIBRATED:
        ingest.declare_plan(
            device=device,
            kind="calibration",
            starts_at=morning + timedelta(days=9),
            minutes=120,
            every_days=90,
            performer="Trung tâm kỹ thuật quan trắc (mô phỏng)",
            document="Kế hoạch hiệu chuẩn mô phỏng",
            by=SYSTEM,
            now=now,
        )


def _accesses(now: datetime) -> None:
    who = "Trực ban mô phỏng, Công an tỉnh"
    said: dict[str, Any] = {"camera": "CAM-GT-01", "who": who, "by": access.EVERYTHING, "now": now}
    ingest.log_camera_access(
        kind="live", at=now - timedelta(hours=5), purpose="Điều tiết giờ cao điểm", **said
    )
    ingest.log_camera_access(
        kind="handed",
        at=now - timedelta(days=2),
        purpose="Xác minh vụ va chạm",
        document="Công văn mô phỏng số 12",
        span_from=now - timedelta(days=3, hours=1),
        span_to=now - timedelta(days=3),
        **said,
    )
