"""Rules with dated versions, signals, alerts and their history."""

from datetime import datetime
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    ArrayField,
    BigIntegerRangeField,
    DateTimeRangeField,
    RangeOperators,
)
from django.db import models
from django.db.models import F, Func, Q, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from haidang.action.alerts import rules


class Severity(models.IntegerChoices):
    """How bad it is. A number, so that the worst sorts first."""

    LOW = 1, _("thấp")
    MEDIUM = 2, _("trung bình")
    HIGH = 3, _("cao")
    URGENT = 4, _("khẩn cấp")


class Cause(models.TextChoices):
    """What is wrong: the world, or the data about it."""

    HAZARD = "hazard", _("sự việc")
    DATA = "data", _("số liệu")


class State(models.TextChoices):
    OPEN = "open", _("chưa tiếp nhận")
    ACKNOWLEDGED = "acknowledged", _("đã tiếp nhận")
    CLOSED = "closed", _("đã đóng")


class Outcome(models.TextChoices):
    """What the alert turned out to be; rules are tuned by it."""

    TRUE = "true", _("đúng, có sự việc")
    FALSE = "false", _("sai, không có sự việc")
    DUPLICATE = "duplicate", _("trùng cảnh báo khác")
    DATA_FAULT = "data_fault", _("do lỗi số liệu")


class Rule(models.Model):
    """A rule by its lasting code. What changes with time is in its versions."""

    class Kind(models.TextChoices):
        STATE_CHANGE = "state_change", _("chỉ tiêu chuyển trạng thái")
        ABSENCE = "absence", _("thiếu hoặc hỏng số liệu")
        DEVICE = "device", _("thiết bị im lặng hoặc dừng đo bất thường")

    code = models.SlugField(unique=True)
    kind = models.TextField(choices=Kind.choices)
    owner = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.code


class RuleVersionQuerySet(models.QuerySet["RuleVersion"]):
    def valid_at(self, moment: datetime) -> Self:
        return self.filter(valid__contains=moment)

    def of_kind(self, kind: str) -> Self:
        return self.filter(rule__kind=kind)


class RuleVersion(models.Model):
    """What a rule said from one moment to another."""

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.TextField()
    subject = models.TextField(
        blank=True, default="", help_text="Code of an indicator or source; empty: any"
    )
    sector = models.ForeignKey(
        "org.Sector", models.PROTECT, null=True, blank=True, related_name="+"
    )
    unit = models.ForeignKey("org.Unit", models.PROTECT, null=True, blank=True, related_name="+")
    raises = ArrayField(models.TextField(), help_text="States that raise")
    clears = ArrayField(models.TextField(), help_text="States that end it; others change nothing")
    hold = models.DurationField(help_text="How long the state must last first")
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    reason = models.TextField(help_text="Why the rule says so, in writing")
    valid = DateTimeRangeField(help_text="[from, to); an open end is now")

    objects = RuleVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="alerts_version_number"),
            models.CheckConstraint(condition=~Q(reason=""), name="alerts_version_has_reason"),
            models.CheckConstraint(
                condition=Q(raises__len__gt=0) & ~Q(raises__overlap=F("clears")),
                name="alerts_version_states_apart",
            ),
            ExclusionConstraint(
                name="alerts_version_one_at_a_time",
                expressions=[
                    (
                        Func(
                            F("rule"),
                            F("rule"),
                            Value("[]"),
                            function="int8range",
                            output_field=BigIntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def criteria(self) -> rules.Criteria:
        clears = frozenset(self.clears) | {rules.NONE_WAITING}
        return rules.Criteria(frozenset(self.raises), clears, self.hold)

    @property
    def reach(self) -> rules.Reach:
        return rules.Reach(self.pk, self.subject, self.sector_id or "", self.unit_id)


class Signal(models.Model):
    """What is remembered of one series (`rules.Memory`), and the last event that was counted."""

    class Topic(models.TextChoices):
        """What about the subject is watched; each has its own memory and its own alert."""

        STATE = "state", _("trạng thái chỉ tiêu")
        STALENESS = "staleness", _("chỉ tiêu thiếu số liệu")
        SILENCE = "silence", _("nguồn chậm số liệu")
        QUARANTINE = "quarantine", _("nguồn có dòng chờ xử lý")
        DEVICE = "device", _("thiết bị im lặng")
        DEVICES = "devices", _("nhiều thiết bị của một nguồn im lặng")
        STATUS = "device_status", _("thiết bị dừng đo bất thường")

    key = models.TextField(primary_key=True, help_text="state:muc-nuoc:12")
    topic = models.TextField(choices=Topic.choices)
    version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="+")
    subject = models.TextField(help_text="Code of the indicator or source")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    phase = models.TextField(default=rules.Phase.QUIET)
    state = models.TextField(blank=True, default="")
    since = models.DateTimeField(null=True)
    last_event = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.key

    @property
    def memory(self) -> rules.Memory:
        return rules.Memory(rules.Phase(self.phase), self.state, self.since)

    @memory.setter
    def memory(self, memory: rules.Memory) -> None:
        self.phase, self.state, self.since = memory.phase, memory.state, memory.since


class AlertQuerySet(models.QuerySet["Alert"]):
    def unclosed(self) -> Self:
        return self.exclude(state=State.CLOSED)

    def worst_first(self) -> Self:
        return self.order_by("-severity", "-last_seen_at", "-id")


class Alert(models.Model):
    """One thing that someone has to look at, with an owner from the first second."""

    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="+")
    dedup_key = models.TextField()
    subject = models.TextField(help_text="Code of the indicator or source")
    subject_name = models.TextField()
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    sector = models.ForeignKey("org.Sector", models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(
        "org.Unit", models.PROTECT, related_name="+", help_text="Who must deal with it"
    )
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    cause = models.TextField(choices=Cause.choices)
    headline = models.TextField(
        blank=True, default="", help_text="What is wrong, in one short line"
    )
    explanation = models.TextField()
    state = models.TextField(choices=State.choices, default=State.OPEN)
    count = models.PositiveIntegerField(default=1)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, help_text="When its condition ended by itself")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.TextField(blank=True, default="")
    outcome = models.TextField(choices=Outcome.choices, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "serial"], name="alerts_number"),
            models.UniqueConstraint(
                fields=["dedup_key"], condition=~Q(state="closed"), name="alerts_one_open_per_key"
            ),
            models.CheckConstraint(
                condition=Q(
                    state="closed",
                    outcome__in=[o.value for o in Outcome],
                    closed_at__isnull=False,
                )
                & ~Q(closed_by="")
                & ~Q(note="")
                | ~Q(state="closed") & Q(outcome="", closed_at__isnull=True, closed_by="", note=""),
                name="alerts_closed_with_outcome",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by="")
                | Q(acknowledged_at__isnull=False) & ~Q(acknowledged_by=""),
                name="alerts_acknowledged_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(state="open") | Q(acknowledged_at__isnull=True),
                name="alerts_open_is_unacknowledged",
            ),
        ]
        indexes = [
            models.Index(
                F("severity").desc(),
                F("last_seen_at").desc(),
                F("id").desc(),
                name="alerts_open_worst_first",
                condition=~Q(state="closed"),
            ),
            models.Index(
                F("severity").desc(),
                F("last_seen_at").desc(),
                F("id").desc(),
                name="alerts_all_worst_first",
            ),
            models.Index(fields=["subject", "unit"], name="alerts_subject_unit"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("alerts:detail", args=[self.pk])

    @property
    def number(self) -> str:
        return rules.number(self.year, self.serial)

    @property
    def topic(self) -> str:
        return self.dedup_key.partition(":")[0]


class AlertEvent(models.Model):
    """One line of an alert's history."""

    class Kind(models.TextChoices):
        RAISED = "raised", _("phát cảnh báo")
        SEEN_AGAIN = "seen_again", _("lặp lại")
        CLEARED = "cleared", _("hết điều kiện")
        NOTIFIED = "notified", _("thông báo")
        ACKNOWLEDGED = "acknowledged", _("tiếp nhận")
        CLOSED = "closed", _("đóng")

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.TextField(choices=Kind.choices)
    by = models.TextField()
    text = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["alert", "at", "id"], name="alerts_event_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.text}"
