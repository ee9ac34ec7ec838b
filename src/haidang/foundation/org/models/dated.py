"""Rows that hold from one day to another, and never two at once for the same owner."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value


def never_overlapping(owner: str, name: str) -> ExclusionConstraint:
    """Forbid two rows of one `owner` (a column of bigint) whose `valid` ranges touch.

    A range of one number compares by && in core PostgreSQL, so no extension is needed.
    """
    one = Func(F(owner), F(owner), Value("[]"), function="int8range")
    return ExclusionConstraint(
        name=name,
        expressions=[(one, RangeOperators.OVERLAPS), ("valid", RangeOperators.OVERLAPS)],
    )


def never_empty(name: str) -> models.CheckConstraint:
    """Ask of `valid` a first day and at least one day."""
    return models.CheckConstraint(
        name=name, condition=Q(valid__isempty=False, valid__lower_inf=False)
    )
