"""Regimes as data: creating them with their forms."""

from django.db import transaction

from haidang.delivery.reporting.models import Form, Item, Regime
from haidang.delivery.reporting.permissions import MANAGE
from haidang.delivery.reporting.rules.starter import FormData, RegimeData
from haidang.foundation.access import api as access
from haidang.foundation.core import audit
from haidang.foundation.org import api as org


@transaction.atomic
def create_regime(data: RegimeData, *, by: access.Scope) -> int:
    """Create a regime with the forms of its levels; one that exists is left as it is."""
    receiver = org.unit(data.receiver).id
    by.require(MANAGE, receiver, data.sector)
    known = Regime.objects.filter(code=data.code).first()
    if known is not None:
        return known.pk
    row = Regime.objects.create(
        code=data.code,
        title=data.title,
        legal_basis=data.legal_basis,
        period_kind=data.period_kind,
        receiver_id=receiver,
        sector_id=data.sector,
    )
    for form in data.forms:
        _create_form(row, form)
    audit.record(action="reporting.regime_created", on=row, by=by.actor)
    return row.pk


def _create_form(regime: Regime, data: FormData) -> None:
    form = Form.objects.create(
        regime=regime,
        level_id=data.level,
        title=data.title,
        working_days=data.working_days,
        pairs=[list(pair) for pair in data.pairs],
    )
    Item.objects.bulk_create(
        Item(
            form=form,
            order=order,
            code=item.code,
            title=item.title,
            unit_of_measure=item.unit_of_measure,
            decimals=item.decimals,
            is_required=item.required,
            minimum=item.minimum,
            maximum=item.maximum,
            jump=item.jump,
            hint=item.hint,
            indicator=item.indicator,
            prefill=item.prefill,
            prefill_how=item.prefill_how,
        )
        for order, item in enumerate(data.items)
    )
