"""Sets of changes of the map: drafted, approved by another person, applied on a day, undone."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from haidang.foundation.org.models.units import Level, Unit
from haidang.foundation.org.rules.changes import CHANGES, MEASURES, PartRow
from haidang.foundation.org.rules.kinds import KINDS, RELATIONS


class ChangeSet(models.Model):
    """Changes of units that one legal text makes on one day ("đợt sắp xếp")."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Bản thảo")
        APPROVED = "approved", _("Đã duyệt")
        APPLIED = "applied", _("Đã áp dụng")
        UNDONE = "undone", _("Đã hoàn tác")

    title = models.TextField(_("tên đợt sắp xếp"))
    on = models.DateField(_("ngày có hiệu lực"))
    basis = models.ForeignKey(
        "org.LegalBasis", models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.TextField(blank=True, default="", help_text="Shown wherever the set is")
    state = models.TextField(choices=State, default=State.DRAFT)
    # Accounts stand above this domain: their ids and names, as in the audit trail.
    drafted_by = models.BigIntegerField(null=True)
    drafted_by_label = models.TextField()
    drafted_at = models.DateTimeField()
    approved_by = models.BigIntegerField(null=True)
    approved_by_label = models.TextField(blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    before = models.JSONField(default=list, help_text="The spans of its units before it applied")
    traces = models.JSONField(default=dict, help_text="What each participant must know to undo")
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+",
        help_text="The applied set whose map this one brings back, as it was",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="change_set_two_persons",
                condition=Q(approved_by__isnull=True)
                | Q(drafted_by__isnull=True)
                | ~Q(approved_by=F("drafted_by")),
            ),
            models.CheckConstraint(
                name="change_set_times_of_state",
                condition=Q(state="draft", approved_at__isnull=True, applied_at__isnull=True)
                | Q(state="approved", approved_at__isnull=False, applied_at__isnull=True)
                | Q(state="applied", applied_at__isnull=False, undone_at__isnull=True)
                | Q(state="undone", applied_at__isnull=False, undone_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["on"], name="change_set_one_a_day", condition=Q(state="applied")
            ),
        ]

    def __str__(self) -> str:
        return self.title


class UnitChange(models.Model):
    """What happens to one unit that stands before the day."""

    change_set = models.ForeignKey(ChangeSet, models.CASCADE, related_name="changes")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.TextField(choices=CHANGES.items())
    measure = models.TextField(
        choices=MEASURES.items(), default="population", help_text="What the amounts count"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change_set", "unit"], name="unit_changes_once"),
            models.CheckConstraint(name="unit_change_known", condition=Q(kind__in=CHANGES)),
            models.CheckConstraint(name="unit_measure_known", condition=Q(measure__in=MEASURES)),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id}: {self.kind}"


class ChangePart(models.Model):
    """What of a changed unit becomes part of the unit of a code, old or new."""

    change = models.ForeignKey(UnitChange, models.CASCADE, related_name="parts")
    target = models.TextField(help_text="Code")
    amount = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    places = ArrayField(models.TextField(), default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "target"], name="part_once"),
            models.CheckConstraint(
                name="part_has_something", condition=Q(amount__isnull=True) | Q(amount__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change_id} → {self.target}"

    @property
    def row(self) -> PartRow:
        return PartRow(self.target, self.amount, tuple(self.places))

    @property
    def size(self) -> Decimal | None:
        return self.row.size


class UnitAfter(models.Model):
    """A unit as it will be from the day on: a new one, or one that stays and changes."""

    change_set = models.ForeignKey(ChangeSet, models.CASCADE, related_name="after")
    code = models.TextField()
    name = models.TextField()
    short_name = models.TextField()
    designation = models.TextField(blank=True, default="")
    level = models.ForeignKey(Level, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=KINDS.items(), default="ubnd")
    relation = models.CharField(max_length=20, choices=RELATIONS.items(), default="directs")
    parent = models.TextField(blank=True, default="", help_text="Code")
    aliases = ArrayField(models.TextField(), default=list, blank=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change_set", "code"], name="unit_after_once"),
            models.CheckConstraint(
                name="unit_after_place_whole",
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
            ),
        ]

    def __str__(self) -> str:
        return self.name
