"""People in posts, and the papers that things rest on."""

from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from haidang.foundation.core import audit, text
from haidang.foundation.core.audit import Actor
from haidang.foundation.org.models import Delegation, LegalBasis, Officer, Position
from haidang.foundation.org.queries import people
from haidang.foundation.org.rules.values import LegalBasisRef, OfficerRef


@transaction.atomic
def create_officer(
    *,
    unit: int,
    name: str,
    title: str,
    by: Actor,
    is_head: bool = False,
    phone: str = "",
    email: str = "",
) -> OfficerRef:
    """Put a person into a position of a unit, creating the position when it is new."""
    position, _ = Position.objects.get_or_create(
        unit_id=unit, title=title, defaults={"is_head": is_head}
    )
    officer = Officer.objects.create(
        position=position, name=text.normal(name), phone=phone, email=email
    )
    audit.record(action="org.officer_created", on=officer, by=by, changes={"position": title})
    return OfficerRef(officer.pk, officer.name, title, unit, position.is_head, phone, email)


@transaction.atomic
def end_officer(*, officer: int, on: date, by: Actor, reason: str = "") -> None:
    """Record that an officer left the position on a day."""
    row = Officer.objects.select_for_update().get(pk=officer)
    row.left_on = on
    row.save(update_fields=["left_on"])
    audit.record(action="org.officer_left", on=row, by=by, changes={"on": str(on)}, reason=reason)


@transaction.atomic
def record_legal_basis(
    *,
    number: str,
    title: str,
    issued_by: str,
    issued_date: date,
    start: date,
    by: Actor,
    end: date | None = None,
) -> LegalBasisRef:
    """Record a legal text and the days in which it is in force."""
    row = LegalBasis.objects.create(
        number=number,
        title=title,
        issued_by=issued_by,
        issued_date=issued_date,
        valid=DateRange(start, end),
    )
    audit.record(action="org.legal_basis_recorded", on=row, by=by, changes={"from": str(start)})
    return people.basis_ref(row)


@transaction.atomic
def delegate(
    *,
    giver: int,
    receiver: int,
    subject: str,
    start: date,
    end: date,
    by: Actor,
    basis: int | None = None,
) -> None:
    """Record that an officer lent authority to another until the day before `end`."""
    row = Delegation.objects.create(
        giver_id=giver,
        receiver_id=receiver,
        subject=subject,
        valid=DateRange(start, end),
        basis_id=basis,
    )
    audit.record(
        action="org.authority_delegated",
        on=row,
        by=by,
        changes={"giver": giver, "receiver": receiver, "until": str(end)},
    )
