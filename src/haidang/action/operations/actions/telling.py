"""What every write of this domain leaves behind: history, audit, a note to open pages, messages."""

from collections.abc import Mapping
from datetime import datetime

from haidang.action.operations.models import Ticket, TicketEvent
from haidang.foundation.access import api as access
from haidang.foundation.core import audit, events, live
from haidang.foundation.core.audit import Actor
from haidang.foundation.notifications import api as notifications


def note(
    ticket: Ticket,
    *,
    verb: str,
    by: Actor,
    at: datetime,
    text: str = "",
    from_state: str = "",
    to_state: str = "",
    changes: Mapping[str, object] | None = None,
) -> None:
    """Write one line of history, with its audit entry, event and live note."""
    TicketEvent.objects.create(
        ticket=ticket,
        at=at,
        by=by.label,
        verb=verb,
        from_state=from_state,
        to_state=to_state,
        text=text,
    )
    audit.record(action=f"operations.{verb}", on=ticket, by=by, changes=changes, reason=text)
    events.publish(
        "operations.ticket_changed",
        aggregate=f"ticket:{ticket.pk}",
        ticket=ticket.pk,
        verb=verb,
        state=to_state or ticket.state,
    )
    live.tell("ticket", unit=ticket.unit_id, sector=ticket.sector_id, ticket=ticket.pk)
    if ticket.lead_id != ticket.unit_id:
        live.tell("ticket", unit=ticket.lead_id, sector=ticket.sector_id, ticket=ticket.pk)


def tell_unit(ticket: Ticket, unit_id: int, *, title: str, body: str = "") -> None:
    """Send a message to those who work on tickets at a unit."""
    holders = access.holders("operations.handle", unit_id, ticket.sector_id)
    if holders:
        notifications.send(
            to=sorted({one.id for one in holders}),
            kind="operations.ticket",
            title=f"{ticket.number} · {title}",
            body=body or ticket.title,
            url=ticket.get_absolute_url(),
            ref=f"ticket:{ticket.pk}",
        )
