"""Officers, legal bases and delegations."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from haidang.foundation.org.models import Delegation, LegalBasis, Officer, UnitVersion
from haidang.foundation.org.rules.values import LegalBasisRef, OfficerRef


def officers(unit_id: int, on: date) -> list[OfficerRef]:
    """Return the officers of a unit on a day, its head first."""
    return _officers(Officer.objects.filter(position__unit=unit_id), on)


def officer(officer_id: int) -> OfficerRef | None:
    """Return an officer, in post or not."""
    row = Officer.objects.select_related("position").filter(pk=officer_id).first()
    return _ref(row) if row is not None else None


def heads(unit_ids: Iterable[int], on: date) -> dict[int, OfficerRef]:
    """Return the heads of units on a day."""
    rows = Officer.objects.filter(position__unit__in=list(unit_ids), position__is_head=True)
    return {found.unit_id: found for found in reversed(_officers(rows, on))}


def legal_bases(on: date | None = None) -> list[LegalBasisRef]:
    """Return the legal bases, the newest first; those in force on a day if one is given."""
    rows = LegalBasis.objects.order_by("-issued_date", "number")
    if on is not None:
        rows = rows.filter(valid__contains=on)
    return [basis_ref(row) for row in rows]


def bases_of(unit_id: int) -> dict[date, LegalBasisRef]:
    """Return the legal bases of a unit's versions by their first days."""
    rows = UnitVersion.objects.filter(unit=unit_id, basis__isnull=False).select_related("basis")
    return {row.valid.lower: basis_ref(row.basis) for row in rows if row.basis is not None}


def delegations(unit_id: int, on: date) -> QuerySet[Delegation]:
    """Return the delegations in force that officers of a unit gave or received."""
    of_unit = Q(giver__position__unit=unit_id) | Q(receiver__position__unit=unit_id)
    rows = Delegation.objects.filter(of_unit, valid__contains=on).order_by("pk")
    return rows.select_related("giver__position", "receiver__position", "basis")


def _officers(rows: QuerySet[Officer], on: date) -> list[OfficerRef]:
    in_post = rows.filter(Q(left_on__isnull=True) | Q(left_on__gt=on))
    ordered = in_post.select_related("position").order_by("-position__is_head", "pk")
    return [_ref(row) for row in ordered]


def _ref(row: Officer) -> OfficerRef:
    return OfficerRef(
        id=row.pk,
        name=row.name,
        title=row.position.title,
        unit_id=row.position.unit_id,
        is_head=row.position.is_head,
        phone=row.phone,
        email=row.email,
    )


def basis_ref(row: LegalBasis) -> LegalBasisRef:
    """Return the value that others see of a legal basis."""
    return LegalBasisRef(
        id=row.pk,
        number=row.number,
        title=row.title,
        issued_by=row.issued_by,
        issued_date=row.issued_date,
        start=row.valid.lower,
        end=row.valid.upper,
    )
