"""Raise, repeat and clear one alert, and tell those who handle it. Called by `signals` alone."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from haidang.action.alerts import rules
from haidang.action.alerts.models import Alert, AlertEvent, Cause, Signal
from haidang.action.alerts.queries.subjects import Subject
from haidang.foundation.access import api as access
from haidang.foundation.core import audit, events, live, numbers
from haidang.foundation.notifications import api as notifications
from haidang.foundation.org import api as org


@transaction.atomic
def raise_alert(*, signal: Signal, about: Subject, at: datetime) -> Alert:
    """Raise the series' alert, or count it again when it is already open."""
    open_alert = Alert.objects.select_for_update().unclosed().filter(dedup_key=signal.key).first()
    if open_alert is not None:
        return _see_again(open_alert, about, at)
    alert = _create(signal, about, at)
    _note(alert, AlertEvent.Kind.RAISED, at, about.explanation)
    audit.record(action="alerts.raised", on=alert, by=audit.SYSTEM)
    events.publish(
        "alerts.raised",
        aggregate=f"alert:{alert.pk}",
        alert=alert.pk,
        subject=alert.subject,
        unit=alert.unit_id,
    )
    tell_pages(alert)
    _notify(alert, at)
    return alert


def clear_alert(*, key: str, state: str, at: datetime) -> None:
    """Mark that the condition ended by itself; a person still gives the outcome."""
    alert = Alert.objects.select_for_update().unclosed().filter(dedup_key=key).first()
    if alert is None or alert.cleared_at is not None:
        return
    alert.cleared_at = at
    alert.save(update_fields=["cleared_at"])
    word = rules.level_word(state)
    _note(alert, AlertEvent.Kind.CLEARED, at, _("Trở lại “%(word)s”.") % {"word": word})
    audit.record(action="alerts.cleared", on=alert, by=audit.SYSTEM)
    tell_pages(alert)


def _create(signal: Signal, about: Subject, at: datetime) -> Alert:
    year = timezone.localtime(at).year
    return Alert.objects.create(
        year=year,
        serial=numbers.next_serial(Alert.objects.all(), year=year),
        version=signal.version,
        dedup_key=signal.key,
        subject=about.code,
        subject_name=about.name,
        unit_id=about.unit_id,
        sector_id=about.sector or None,
        owner_id=about.owner_id,
        severity=signal.version.severity,
        cause=about.cause,
        headline=about.headline,
        explanation=about.explanation,
        first_seen_at=at,
        last_seen_at=at,
    )


def _see_again(alert: Alert, about: Subject, at: datetime) -> Alert:
    alert.count += 1
    alert.last_seen_at = at
    alert.cleared_at = None
    alert.headline = about.headline
    alert.explanation = about.explanation
    alert.save(update_fields=["count", "last_seen_at", "cleared_at", "headline", "explanation"])
    _note(alert, AlertEvent.Kind.SEEN_AGAIN, at, about.explanation)
    audit.record(action="alerts.seen_again", on=alert, by=audit.SYSTEM)
    tell_pages(alert)
    return alert


def _notify(alert: Alert, at: datetime) -> None:
    """Tell those who handle alerts, never a head; data trouble goes to its supplier as well."""
    handlers = _workers("alerts.handle", alert.owner_id, alert.sector_id)
    title = f"{alert.number} · {alert.headline}"
    if alert.cause == Cause.DATA:
        suppliers = _workers("ingest.load", alert.owner_id, alert.sector_id)
        _send(alert, suppliers, _("Số liệu cần xử lý: ") + title, ("inapp", "email"))
        handlers = (handlers | _duty_shift()) - suppliers
        title = _("Ca trực không có số liệu: ") + title
    _send(alert, handlers, title, ("inapp",))
    owner = org.unit_by_id(alert.owner_id).name
    _note(alert, AlertEvent.Kind.NOTIFIED, at, _("Đã báo %(owner)s.") % {"owner": owner})


def _duty_shift() -> set[int]:
    """Return the accounts that handle alerts at the Centre."""
    centres = org.all_units(kind="centre")
    return {account for one in centres for account in _workers("alerts.handle", one.id, None)}


def _workers(capability: str, unit_id: int, sector: str | None) -> set[int]:
    """Return who does the work there. Heads hear by the reminder chain, never by a rule alone."""
    holders = {a.id for a in access.holders(capability, unit_id, sector)}
    return holders - {a.id for a in access.holders("obligations.head", unit_id, sector)}


def _send(alert: Alert, to: set[int], title: str, channels: tuple[str, ...]) -> None:
    if to:
        notifications.send(
            to=sorted(to),
            kind="alerts.raised",
            title=title,
            body=alert.explanation,
            url=alert.get_absolute_url(),
            ref=f"alert:{alert.pk}",
            channels=channels,
        )


def _note(alert: Alert, kind: str, at: datetime, text: str) -> None:
    AlertEvent.objects.create(alert=alert, at=at, kind=kind, by=audit.SYSTEM.label, text=text)


def tell_pages(alert: Alert) -> None:
    """Have open pages of the place and of the owner ask again."""
    for unit in {alert.unit_id, alert.owner_id}:
        live.tell("alert", unit=unit, sector=alert.sector_id, alert=alert.pk)
