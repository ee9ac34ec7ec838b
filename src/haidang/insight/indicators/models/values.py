"""Values by revision: the newest per period, the last of each series, and what waits."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from haidang.insight.indicators.models.definitions import Indicator


class Value(models.Model):
    """The newest revision of one indicator of one unit in one period; all others are in the lake.

    Fifteen days of hours and 400 days of days are kept here, longer periods for good.
    """

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", db_index=False)
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", db_index=False)
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    value = models.FloatField(null=True)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    as_of = models.DateTimeField(help_text="Time of the newest datum inside")
    reported = models.IntegerField(default=1)
    expected = models.IntegerField(default=1)
    status = models.TextField(default="preliminary")
    source_type = models.TextField(default="automatic")
    batch = models.BigIntegerField(null=True, help_text="The newest batch inside")
    lineage = models.TextField(default="", blank=True)
    is_simulated = models.BooleanField(default=False)
    revision = models.IntegerField(default=1)
    state = models.TextField(default="normal")
    computed_at = models.DateTimeField()
    in_lake = models.BooleanField(default=False, help_text="This revision is kept in the lake")
    restated_at = models.DateTimeField(null=True, help_text="When it last changed after its close")
    closed_value = models.FloatField(null=True, help_text="What stood before it was restated")
    closed_state = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "unit", "period_start"], name="value_one_per_period"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["estimate", "preliminary", "official"]),
                name="value_status",
            ),
            models.CheckConstraint(
                condition=Q(period_end__gt=F("period_start")), name="value_period"
            ),
        ]
        indexes = [
            models.Index(fields=["period_end"], name="value_to_keep", condition=Q(in_lake=False))
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}/{self.unit_id}/{self.period_start:%Y-%m-%d %H:%M}"


class Series(models.Model):
    """One indicator of one unit as it stands: the last value and the state machine's memory."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", db_index=False)
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    value = models.FloatField(null=True)
    as_of = models.DateTimeField()
    reported = models.IntegerField(default=1)
    expected = models.IntegerField(default=1)
    status = models.TextField(default="preliminary")
    source_type = models.TextField(default="automatic")
    batch = models.BigIntegerField(null=True, help_text="The newest batch inside")
    lineage = models.TextField(default="", blank=True)
    is_simulated = models.BooleanField(default=False)
    revision = models.IntegerField(default=1)
    state = models.TextField(default="normal")
    state_since = models.DateTimeField()
    watch_since = models.DateTimeField(null=True, help_text="Since when the level is active")
    critical_since = models.DateTimeField(null=True)
    stale_at = models.DateTimeField(help_text="When the figure will be older than its cycle")
    newer_pending = models.BooleanField(default=False)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indicator", "unit"], name="series_one"),
            models.CheckConstraint(
                condition=Q(state__in=["normal", "watch", "critical", "no_data", "stale"]),
                name="series_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}/{self.unit_id}"


class DeviceMemory(models.Model):
    """The newest reading of one device for one live indicator, and since when levels are active."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", db_index=False)
    device = models.TextField()
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", db_index=False)
    time = models.DateTimeField()
    value = models.FloatField()
    watch_since = models.DateTimeField(null=True)
    critical_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indicator", "device"], name="device_memory_one")
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}/{self.device}"


class PendingValue(models.Model):
    """A typed value that waits for its unit's approver; never the typist."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    value = models.FloatField()
    status = models.TextField(default="preliminary")
    note = models.TextField(blank=True, default="")
    typed_by = models.ForeignKey("access.Account", models.PROTECT, related_name="+")
    typed_at = models.DateTimeField()
    decided_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    is_approved = models.BooleanField(null=True)
    decision_note = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("typed_by")),
                name="pending_value_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(
                    decided_by__isnull=True, decided_at__isnull=True, is_approved__isnull=True
                )
                | Q(decided_by__isnull=False, decided_at__isnull=False, is_approved__isnull=False),
                name="pending_value_decided_whole",
            ),
            models.UniqueConstraint(
                fields=["indicator", "unit", "period_start"],
                condition=Q(decided_at__isnull=True),
                name="pending_value_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}/{self.unit_id}: {self.value}"


class Queue(models.Model):
    """Batches of a dataset that still have to be worked into figures."""

    dataset = models.TextField(primary_key=True)
    waiting = ArrayField(models.BigIntegerField(), default=list)
    working = ArrayField(models.BigIntegerField(), default=list)

    def __str__(self) -> str:
        return self.dataset


class ValueBefore(models.Model):
    """What a reported value was before a change of the map restated it; kept to undo that."""

    change_set = models.BigIntegerField()
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    period_start = models.DateTimeField()
    content = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["change_set", "indicator", "unit", "period_start"],
                name="value_before_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.change_set}: {self.indicator_id}/{self.unit_id}"
