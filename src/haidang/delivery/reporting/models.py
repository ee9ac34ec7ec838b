"""Regimes and their forms as data; what each unit owes of them; every version ever sent."""

from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from haidang.delivery.reporting.rules import steps
from haidang.delivery.reporting.rules.checks import FormSpec, ItemSpec, PairCheck


class Regime(models.Model):
    """A reporting regime (chế độ báo cáo): who reports what to whom, how often, by when."""

    code = models.SlugField(unique=True)
    title = models.TextField()
    legal_basis = models.TextField(blank=True, default="")
    period_kind = models.CharField(max_length=20)
    receiver = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    sector = models.ForeignKey("org.Sector", models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.title


class Form(models.Model):
    """What the units of one level fill in, and how long they have after the cut-off."""

    regime = models.ForeignKey(Regime, models.PROTECT, related_name="forms")
    level = models.ForeignKey("org.Level", models.PROTECT, related_name="+")
    title = models.TextField()
    working_days = models.PositiveSmallIntegerField(default=2)
    pairs = models.JSONField(default=list, help_text='[["smaller", "larger"], …]')

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["regime", "level"], name="form_once_per_level")
        ]

    def __str__(self) -> str:
        return self.title

    def spec(self) -> FormSpec:
        """Return the form for the rules; asks for the items unless they are prefetched."""
        items = sorted(self.items.all(), key=lambda item: item.order)
        pairs = [PairCheck(smaller, larger) for smaller, larger in self.pairs]
        return FormSpec([item.spec() for item in items], pairs)


class Item(models.Model):
    """One line of a form, linked to an indicator where its value goes or comes from."""

    form = models.ForeignKey(Form, models.CASCADE, related_name="items")
    order = models.PositiveSmallIntegerField()
    code = models.SlugField()
    title = models.TextField()
    unit_of_measure = models.TextField(blank=True, default="")
    decimals = models.PositiveSmallIntegerField(default=0)
    is_required = models.BooleanField(default=True)
    minimum = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    maximum = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    jump = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    hint = models.TextField(blank=True, default="")
    indicator = models.SlugField(blank=True, default="")
    prefill = models.SlugField(blank=True, default="")
    prefill_how = models.CharField(max_length=8, default="sum")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["form", "code"], name="item_once_in_form"),
            models.CheckConstraint(
                name="item_prefill_how_known",
                condition=Q(prefill_how__in=["sum", "last", "mean"]),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def spec(self) -> ItemSpec:
        """Return the line for the rules."""
        return ItemSpec(
            code=self.code,
            title=self.title,
            unit_of_measure=self.unit_of_measure,
            decimals=self.decimals,
            required=self.is_required,
            minimum=self.minimum,
            maximum=self.maximum,
            jump=self.jump,
            hint=self.hint,
            indicator=self.indicator,
            prefill=self.prefill,
            prefill_how=self.prefill_how,
        )


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def whole(self) -> "AssignmentQuerySet":
        """Bring what a page shows, in a constant number of queries."""
        return self.select_related("form__regime").prefetch_related("form__items")

    def late(self, now: Any) -> "AssignmentQuerySet":
        """Keep the reports that are still owed after their deadline."""
        return self.filter(state__in=steps.OWED, due_at__lt=now)


class Assignment(models.Model):
    """One unit's report of one period: owed, filled, sent, received."""

    form = models.ForeignKey(Form, models.PROTECT, related_name="assignments")
    unit = models.ForeignKey(
        "org.Unit", models.PROTECT, related_name="+", help_text="Whose ground it tells of"
    )
    holder = models.ForeignKey(
        "org.Unit",
        models.PROTECT,
        related_name="+",
        help_text="Who answers for it: the unit, or who took over since",
    )
    period_key = models.CharField(max_length=20)
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=steps.NAMES.items(), default=steps.ASSIGNED)
    # What is being filled in; sent versions are Submissions.
    draft = models.JSONField(default=dict)
    saved_at = models.DateTimeField(null=True)
    typists = ArrayField(
        models.BigIntegerField(), default=list, help_text="Accounts that filled in"
    )
    submitted_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["form", "unit", "period_start"], name="assignment_once_a_period"
            ),
            models.CheckConstraint(
                name="assignment_state_known", condition=Q(state__in=steps.NAMES)
            ),
            models.CheckConstraint(
                name="assignment_approved_by_another",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("submitted_by")),
            ),
            models.CheckConstraint(
                name="assignment_approved_whole",
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="assignment_owed")]

    def __str__(self) -> str:
        return f"{self.form.regime.title}, kỳ {self.period_key}, {self.unit.code}"

    def has_typed(self, account_id: int | None) -> bool:
        """Tell whether an account filled the report in or sent it, and so cannot approve it."""
        return account_id in (self.submitted_by_id, *self.typists)


class Submission(models.Model):
    """One version of a report as it was sent; never altered."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="submissions")
    number = models.PositiveSmallIntegerField()
    values = models.JSONField()
    notes = models.JSONField(default=dict)
    sources = models.JSONField(default=dict)
    file = models.ForeignKey("core.StoredFile", models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey("access.Account", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "number"], name="submission_numbered")
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id}/{self.number}"

    def numbers(self) -> dict[str, Decimal | None]:
        """Return the values as numbers."""
        return {code: None if said is None else Decimal(said) for code, said in self.values.items()}


class Step(models.Model):
    """What was done with a report, by whom and why."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="steps")
    what = models.CharField(max_length=10, choices=steps.DONE.items())
    submission = models.ForeignKey(Submission, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    by_label = models.TextField()
    reason = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return self.what
