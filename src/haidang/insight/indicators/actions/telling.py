"""Who hears of what waits for a second person, and of what that person decided."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from haidang.foundation.access import api as access
from haidang.foundation.notifications import api as notifications
from haidang.foundation.org import api as org
from haidang.insight.indicators.models import Proposal

if TYPE_CHECKING:
    from haidang.foundation.access.api import Scope

PAGE = "/console/indicators/approvals/"


def second_persons(
    capability: str, unit_id: int, sector: str | None, *, first: int | None
) -> list[int]:
    """Return the accounts of the nearest unit that may decide, without the first person."""
    found = [one for one in access.holders(capability, unit_id, sector) if one.id != first]
    return [one.id for one in found if one.unit_id == found[0].unit_id]


def ask_to_decide(row: Proposal, *, capability: str, by: "Scope") -> None:
    """Tell those who may decide on a proposal that it waits for them."""
    notifications.send(
        to=second_persons(
            capability,
            row.unit_id or row.indicator.owner_id,
            row.indicator.sector_id,
            first=row.proposed_by_id,
        ),
        kind="indicators.proposal_waits",
        title=_("Đề xuất chờ quyết định: %(what)s") % {"what": _what(row)},
        body=_("%(who)s đề xuất. Lý do: %(reason)s") % {"who": by.label, "reason": row.reason},
        url=f"{PAGE}#proposal-{row.pk}",
        ref=_ref(row),
    )


def tell_decision(row: Proposal, *, by: "Scope") -> None:
    """Tell the proposer what became of his proposal, and why."""
    title = (
        _("Đề xuất được chấp nhận: %(what)s")
        if row.is_accepted
        else _("Đề xuất bị trả lại: %(what)s")
    )
    said = _("%(who)s quyết định.") % {"who": by.label}
    notifications.send(
        to=[row.proposed_by_id],
        kind="indicators.proposal_decided",
        title=title % {"what": _what(row)},
        body=f"{said} " + _("Lý do: %(note)s") % {"note": row.note} if row.note else said,
        url=f"{PAGE}#decided",
        ref=_ref(row),
    )


def _what(row: Proposal) -> str:
    where = org.unit_by_id(row.unit_id).name if row.unit_id else _("mọi đơn vị cùng cấp")
    return f"{row.get_kind_display()} {row.indicator.name}, {where}"


def _ref(row: Proposal) -> str:
    return f"indicators.proposal:{row.pk}"
