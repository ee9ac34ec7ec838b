"""Datasets and difficulties when the map changes: who takes over a unit answers for them."""

from django.db.models import QuerySet

from haidang.data.catalogue.models import Dataset, Difficulty
from haidang.foundation.org import api as org


def holdings() -> org.HandOver:
    """Return what the catalogue does when a set of changes applies."""
    return org.HandOver(
        org.Held("Bộ dữ liệu", Dataset.objects.all, "owner_unit", "catalogue.handed_over"),
        org.Held("Vướng mắc đã nêu", _open, "unit", "catalogue.handed_over"),
        org.Held("Vướng mắc phải tháo gỡ", _open, "agency", "catalogue.handed_over"),
    )


def _open() -> "QuerySet[Difficulty]":
    return Difficulty.objects.filter(closed_at__isnull=True)
