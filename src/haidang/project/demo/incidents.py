"""What the shift did before somebody looked: incidents of the last weeks, and today's open tickets.

All of it is invented; every step goes through the actions that people use.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from haidang.action.alerts import api as alerts
from haidang.action.operations import api as operations
from haidang.foundation.access import api as access
from haidang.foundation.org import api as org
from haidang.project.demo import acting

_SHIFT_LEADER = "truongca"
_ASKED = "de_nghi_phoi_hop"


@dataclass(frozen=True)
class Incident:
    """One incident that was dealt with."""

    days_ago: int
    hours: float
    kind: str
    title: str
    severity: int
    unit: str
    lead: str
    sector: str
    proof: str
    outcome: str
    remark: str


PAST = (
    Incident(
        31, 5, "flood", "Ngập đường do triều cường và mưa lớn", 4, "25747", "74.SXD", "ha-tang",
        "Hết ngập lúc 22:40, mực nước còn 1,38 m", "true", "Đã bơm thoát nước, thông đường",
    ),
    Incident(
        19, 26, "environment", "COD nước thải khu công nghiệp vượt quy chuẩn", 3, "725",
        "74.STNMT", "moi-truong", "COD trở lại 48 mg/l sau khi chỉnh bể sinh học", "true",
        "Đã lập biên bản với chủ nguồn thải",
    ),
    Incident(
        8, 3, "data", "Trạm đo không khí báo giá trị bất thường", 2, "724", "74.STNMT",
        "moi-truong", "Đã hiệu chuẩn đầu đo, số liệu khớp máy đo tay", "data_fault",
        "Đầu đo bẩn, không phải ô nhiễm",
    ),
)  # fmt: skip
# Alerts that the shift has taken already: what of the procedure is done by now.
TAKEN = {("sot-xuat-huyet", "province"): 2, ("giai-ngan", "district"): 1}


def install() -> None:
    """Write the past incidents, and take the alerts that the shift has taken today."""
    by, now = acting.scope(_SHIFT_LEADER), timezone.now()
    for incident in PAST:
        _close(_opened(incident, by, now), incident, by, now)
    rows, _ = alerts.open_alerts(access.EVERYTHING, limit=100)
    levels = {unit.id: unit.level for unit in org.all_units()}
    for alert in rows:
        steps = TAKEN.pop((alert.subject, levels[alert.unit_id]), None)
        if steps is not None:
            _take(alert, steps, by, now)


def _opened(incident: Incident, by: access.Scope, now: datetime) -> int:
    return operations.open_ticket(
        kind=incident.kind,
        title=incident.title,
        severity=incident.severity,
        unit_id=org.unit(incident.unit).id,
        lead_unit_id=org.unit(incident.lead).id,
        authority=_ASKED,
        sector=incident.sector,
        by=by,
        now=now - timedelta(days=incident.days_ago),
    )


def _close(ticket: int, incident: Incident, by: access.Scope, now: datetime) -> None:
    began = now - timedelta(days=incident.days_ago)
    ended = began + timedelta(hours=incident.hours)
    lead = operations.Details(lead_unit_id=org.unit(incident.lead).id, authority=_ASKED)
    _move(ticket, ("verify", "assign", "accept", "start"), lead, by, began + timedelta(minutes=20))
    operations.add_evidence(ticket=ticket, kind="figure", note=incident.proof, by=by, now=ended)
    said = operations.Details(outcome=incident.outcome, reason=incident.remark)
    _move(ticket, ("finish", "approve", "close"), said, by, ended)


def _take(alert: alerts.AlertRef, steps: int, by: access.Scope, now: datetime) -> None:
    ticket = operations.open_ticket(
        kind="indicator",
        title=alert.headline,
        severity=alert.severity,
        unit_id=alert.unit_id,
        lead_unit_id=alert.owner_id,
        authority=_ASKED,
        sector=alert.sector or None,
        description=alert.explanation,
        alert_id=alert.id,
        procedure="chi-tieu-vuot-nguong",
        by=by,
        now=now,
    )
    lead = operations.Details(lead_unit_id=alert.owner_id, authority=_ASKED)
    _move(ticket, ("verify", "assign", "accept", "start"), lead, by, now)
    for _ in range(steps):
        ready = next(step for step in operations.steps(ticket, now=now) if step.is_ready)
        answer = ready.answers[0][0] if ready.answers else ""
        operations.complete_step(activity=ready.id, answer=answer, by=by, now=now)


def _move(
    ticket: int, verbs: tuple[str, ...], said: operations.Details, by: access.Scope, at: datetime
) -> None:
    for verb in verbs:
        operations.move(ticket=ticket, verb=verb, details=said, by=by, now=at)
