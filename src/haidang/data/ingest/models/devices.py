"""What is kept about devices beside their registration: watch, calendar, events, gaps."""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from haidang.data.ingest.models.sources import Device


class Watch(models.Model):
    """When to look next whether a device spoke; one row per device, told apart from its register.

    The newest reading itself is the warehouse's: this row is only touched when its hour comes.
    """

    device = models.OneToOneField(
        Device, models.CASCADE, primary_key=True, related_name="watch", db_constraint=True
    )
    last_at = models.DateTimeField(null=True, help_text="Its newest reading when last looked at")
    look_at = models.DateTimeField(db_index=True)
    silent_since = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["device"], name="watch_silent", condition=Q(silent_since__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.device_id}"


class Plan(models.Model):
    """A planned calibration or maintenance: once, or every so many days until a day."""

    class Kind(models.TextChoices):
        CALIBRATION = "calibration", "Hiệu chuẩn"
        MAINTENANCE = "maintenance", "Bảo trì"

    device = models.ForeignKey(Device, models.PROTECT, related_name="plans")
    metric = models.CharField(
        max_length=100, blank=True, default="", help_text="Empty: every metric of the device"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    starts_at = models.DateTimeField()
    minutes = models.PositiveIntegerField()
    every_days = models.PositiveSmallIntegerField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    performer = models.TextField()
    document = models.TextField(blank=True, default="")
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    declared_by_label = models.TextField(blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="plan_lasts", condition=Q(minutes__gt=0)),
            models.CheckConstraint(
                name="plan_recurs",
                condition=Q(every_days=None) | Q(every_days__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.starts_at:%d/%m/%Y}"

    @property
    def length(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.minutes)


class DeviceEvent(models.Model):
    """Something that a device's readings, or their absence, say about the device itself."""

    class Kind(models.TextChoices):
        SILENT = "silent", "Im lặng"
        OFF_CALENDAR = "off_calendar", "Ngoài lịch"
        TOO_LONG = "too_long", "Quá lâu"
        AFTER_RISE = "after_rise", "Ngay sau khi giá trị tăng"

    device = models.ForeignKey(Device, models.PROTECT, related_name="events")
    metric = models.CharField(max_length=100, blank=True, default="")
    kind = models.CharField(max_length=12, choices=Kind)
    status = models.CharField(max_length=12, blank=True, default="")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField()
    explanation = models.TextField(blank=True, default="")
    was_told = models.BooleanField(default=False, help_text="Published when it was found")
    withdrawn_at = models.DateTimeField(
        null=True, help_text="Data that came later says that it never was"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device", "metric", "kind", "started_at"], name="device_event_once"
            ),
            models.CheckConstraint(
                name="device_event_ends_after_start",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["-started_at", "-id"], name="device_event_newest"),
            models.Index(fields=["device"], name="device_event_open", condition=Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.device_id} {self.metric}"


class Gap(models.Model):
    """A day of a device with fewer readings than its interval promises."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="gaps")
    day = models.DateField(help_text="In Vietnam")
    expected = models.PositiveIntegerField()
    first_present = models.PositiveIntegerField(help_text="When the gap was found")
    present = models.PositiveIntegerField(help_text="When last counted")
    found_at = models.DateTimeField()
    counted_at = models.DateTimeField()
    filled_at = models.DateTimeField(null=True, help_text="When late readings closed it")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "day"], name="gap_of_day"),
        ]
        indexes = [models.Index(fields=["-day", "device"], name="gap_newest")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.day}: {self.present}/{self.expected}"


class Mark(models.Model):
    """Up to which batch of a dataset a look over the lake has come."""

    name = models.CharField(max_length=150, primary_key=True)
    batch = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.batch}"
