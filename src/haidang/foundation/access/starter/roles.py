"""Roles as data: code, Vietnamese name, capabilities. Installed after every migration."""

from typing import NamedTuple


class ShippedRole(NamedTuple):
    code: str
    name: str
    capabilities: frozenset[str]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SEES = _words(
    "org.view catalogue.view ingest.view indicators.view alerts.view operations.view"
    " dashboards.view reporting.view obligations.view cameras.view"
    " pipelines.view"
)
_TYPES = _words(
    "indicators.report reporting.fill ingest.load ingest.mend obligations.answer catalogue.raise"
)
_APPROVES = _words(
    "indicators.approve reporting.approve ingest.approve obligations.head catalogue.raise"
    " pipelines.approve"
)
_WATCHES = _words(
    "alerts.handle operations.handle dashboards.wall warehouse.query cameras.log catalogue.raise"
)
_LEADS_SHIFT = _words("operations.assign operations.close obligations.answer")
_RUNS_CENTRE = _words(
    "alerts.manage operations.manage indicators.decide reporting.receive reporting.manage"
    " dashboards.design audit.view org.approve protection.request protection.approve"
    " pipelines.manage"
)

ROLES: tuple[ShippedRole, ...] = (
    ShippedRole("leader", "Lãnh đạo", _SEES | _words("dashboards.wall")),
    ShippedRole(
        "department_head",
        "Lãnh đạo sở, ngành",
        _SEES | _APPROVES | _words("operations.handle alerts.handle indicators.decide"),
    ),
    ShippedRole("commune_head", "Lãnh đạo cấp xã", _SEES | _APPROVES | _words("operations.handle")),
    ShippedRole(
        "commune_officer", "Cán bộ nhập liệu", _SEES | _TYPES | _words("operations.handle")
    ),
    ShippedRole(
        "data_steward",
        "Cán bộ đầu mối dữ liệu",
        _SEES
        | _TYPES
        | _words("warehouse.query personal_data.view ingest.manage catalogue.manage")
        | _words("cameras.manage cameras.log protection.request pipelines.manage")
        | _words("indicators.define alerts.handle operations.handle"),
    ),
    ShippedRole("operator", "Cán bộ trực ca", _SEES | _WATCHES),
    ShippedRole("shift_leader", "Trưởng ca", _SEES | _WATCHES | _LEADS_SHIFT),
    ShippedRole(
        "centre_director",
        "Giám đốc Trung tâm",
        _SEES | _WATCHES | _LEADS_SHIFT | _RUNS_CENTRE | _APPROVES,
    ),
    ShippedRole(
        "administrator",
        "Quản trị hệ thống",
        _words(
            "org.view org.manage access.manage audit.view"
            " catalogue.view catalogue.manage catalogue.raise"
            " ingest.view ingest.manage indicators.view indicators.define alerts.view alerts.manage"
            " dashboards.view dashboards.design reporting.view reporting.manage"
            " cameras.view cameras.manage"
            " pipelines.view pipelines.manage pipelines.approve"
        ),
    ),
    ShippedRole(
        "auditor",
        "Kiểm tra, kiểm toán",
        _SEES | _words("audit.view warehouse.query personal_data.audit"),
    ),
    ShippedRole(
        "data_protection_officer",
        "Cán bộ bảo vệ dữ liệu cá nhân",
        _SEES | _words("personal_data.audit protection.request protection.approve"),
    ),
    ShippedRole("device", "Thiết bị, hệ thống gửi số liệu", _words("readings.write ingest.load")),
    ShippedRole("wall", "Màn hình lớn", _words("dashboards.view dashboards.wall indicators.view")),
)
