"""The rules that every Centre starts with; each can be changed or retired, with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from haidang.action.alerts import actions
from haidang.action.alerts.models import Rule, Severity
from haidang.foundation.access import api as access
from haidang.foundation.org import api as org


@dataclass(frozen=True)
class StarterRule:
    """One shipped rule as plain data."""

    code: str
    kind: str
    name: str
    raises: Sequence[str]
    clears: Sequence[str]
    severity: int
    reason: str
    sector: str | None = None
    hold: timedelta = timedelta(0)


_STATE = Rule.Kind.STATE_CHANGE
_ABSENCE = Rule.Kind.ABSENCE
_DEVICE = Rule.Kind.DEVICE
_STOPPED = ("silent", "off_calendar", "too_long", "after_rise")

STARTER: tuple[StarterRule, ...] = (
    StarterRule(
        code="chi-tieu-nguy-hiem",
        kind=_STATE,
        name="Chỉ tiêu vượt ngưỡng mức hai",
        raises=("critical",),
        clears=("normal",),
        severity=Severity.MEDIUM,
        reason="Chỉ tiêu vượt ngưỡng mức hai phải có người xem xét và kết luận.",
    ),
    StarterRule(
        code="thuy-van-nguy-hiem",
        kind=_STATE,
        name="Mực nước, mưa hoặc ngập ở mức nguy hiểm",
        raises=("critical",),
        clears=("normal", "watch"),
        severity=Severity.URGENT,
        sector="thuy-van",
        reason="Ngập và triều cường đe dọa tính mạng: báo ngay, không chờ.",
    ),
    StarterRule(
        code="moi-truong-nguy-hiem",
        kind=_STATE,
        name="Chất lượng không khí hoặc nước thải ở mức nguy hiểm",
        raises=("critical",),
        clears=("normal",),
        severity=Severity.HIGH,
        sector="moi-truong",
        reason="Vượt quy chuẩn môi trường phải kiểm tra nguồn thải và cảnh báo nhóm nhạy cảm.",
    ),
    StarterRule(
        code="attt-su-co",
        kind=_STATE,
        name="Sự cố an toàn thông tin",
        raises=("critical",),
        clears=("normal",),
        severity=Severity.HIGH,
        sector="attt",
        reason="Sự cố từ mức ba trở lên phải cô lập và báo cấp trên.",
    ),
    StarterRule(
        code="pccc-nguy-hiem",
        kind=_STATE,
        name="Cháy hoặc cơ sở nguy hiểm về cháy",
        raises=("critical",),
        clears=("normal",),
        severity=Severity.HIGH,
        sector="pccc",
        reason="114 chỉ huy; Trung tâm phối hợp ngay từ khi biết tin.",
    ),
    StarterRule(
        code="thieu-so-lieu",
        kind=_ABSENCE,
        name="Nguồn chậm gửi hoặc gửi số liệu không dùng được",
        raises=("late", "quarantined"),
        clears=("on_time",),
        severity=Severity.MEDIUM,
        reason="Số liệu thiếu hoặc sai làm ca trực không nhìn thấy; đơn vị cung cấp phải xử lý.",
    ),
    StarterRule(
        code="thuy-van-thieu-so-lieu",
        kind=_ABSENCE,
        name="Trạm thủy văn chậm gửi hoặc gửi số liệu không dùng được",
        raises=("late", "quarantined", "stale"),
        clears=("on_time", "normal", "watch", "critical"),
        severity=Severity.HIGH,
        sector="thuy-van",
        reason="Nguồn liên quan an toàn tính mạng: mất số liệu là mất cảnh báo.",
    ),
    StarterRule(
        code="thiet-bi-bat-thuong",
        kind=_DEVICE,
        name="Thiết bị quan trắc im lặng hoặc dừng đo bất thường",
        raises=_STOPPED,
        clears=("heard", "measuring"),
        severity=Severity.MEDIUM,
        reason="Thiết bị im lặng phải được khôi phục; dừng đo ngoài lịch phải được giải trình.",
    ),
    StarterRule(
        code="moi-truong-thiet-bi-bat-thuong",
        kind=_DEVICE,
        name="Trạm quan trắc môi trường dừng đo bất thường hoặc im lặng",
        raises=_STOPPED,
        clears=("heard", "measuring"),
        severity=Severity.HIGH,
        sector="moi-truong",
        reason="Hiệu chuẩn hoặc báo hỏng ngay khi giá trị tăng có thể che giấu xả thải vượt chuẩn.",
    ),
    StarterRule(
        code="thuy-van-thiet-bi-bat-thuong",
        kind=_DEVICE,
        name="Trạm thủy văn im lặng hoặc dừng đo",
        raises=_STOPPED,
        clears=("heard", "measuring"),
        severity=Severity.HIGH,
        sector="thuy-van",
        reason="Một trạm im lặng là một đoạn sông không ai nhìn thấy.",
    ),
)


def install_starter(*, by: access.Scope, now: datetime) -> int:
    """Define the shipped rules that are not there yet; return how many were added.

    They belong to the Centre, so nothing is done before the Centre is known.
    """
    centres = org.all_units(kind="centre")
    known = set(Rule.objects.values_list("code", flat=True))
    missing = [rule for rule in STARTER if centres and rule.code not in known]
    for rule in missing:
        actions.define_rule(
            code=rule.code,
            kind=rule.kind,
            name=rule.name,
            raises=rule.raises,
            clears=rule.clears,
            severity=rule.severity,
            sector=rule.sector,
            hold=rule.hold,
            owner_id=centres[0].id,
            reason=rule.reason,
            by=by,
            now=now,
        )
    return len(missing)
