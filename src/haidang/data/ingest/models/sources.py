"""Who supplies what, how often, by which way; and the devices that report by themselves."""

import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q

from haidang.foundation.core.text import fold


class Source(models.Model):
    """An agreed flow of data from one supplier into one dataset."""

    class Kind(models.TextChoices):
        FILE = "file", "Tệp"
        HTTP = "http", "API"
        MQTT = "mqtt", "MQTT"
        FORM = "form", "Biểu nhập"

    code = models.CharField(max_length=100, unique=True)
    title = models.TextField()
    kind = models.CharField(max_length=8, choices=Kind)
    dataset = models.CharField(max_length=100, db_index=True)
    supplier = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    sector = models.CharField(max_length=50, blank=True, default="")
    cycle = models.CharField(
        max_length=16, blank=True, default="", help_text="Kind of period; empty: no agreed cycle"
    )
    deadline = models.TimeField(default=datetime.time(17, 0))
    mapping = models.JSONField(default=dict, blank=True)
    encoding = models.CharField(max_length=16, blank=True, default="")
    delimiter = models.CharField(max_length=1, blank=True, default="")
    max_age_days = models.PositiveSmallIntegerField(
        default=0, help_text="Readings that were older when they came wait; 0: however old"
    )
    is_life_safety = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_simulated = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    late_since = models.DateTimeField(null=True, blank=True)

    # Automatic only after two persons said so: one proposes, another approves.
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="source_code_form",
                condition=Q(code__regex=r"^[a-z0-9][a-z0-9._-]*$"),
            ),
            models.CheckConstraint(
                name="source_approved_after_proposed",
                condition=Q(approved_at=None) | Q(proposed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="source_approved_at_by",
                condition=Q(approved_by=None) | Q(approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="source_two_persons",
                condition=Q(approved_by=None)
                | Q(proposed_by=None)
                | ~Q(approved_by=F("proposed_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_automatic(self) -> bool:
        """Its runs need no approval of their own."""
        return self.approved_at is not None


class Device(models.Model):
    """A registered device: what it measures, where it stands, whether it works."""

    class State(models.TextChoices):
        ACTIVE = "active", "Đang hoạt động"
        MAINTENANCE = "maintenance", "Đang bảo trì"
        RETIRED = "retired", "Đã ngừng"

    code = models.CharField(max_length=100, unique=True)
    source = models.ForeignKey(Source, models.PROTECT, related_name="devices")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    title = models.TextField(blank=True, default="")
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    metrics = models.JSONField(default=list, help_text="Names of the metrics it may report")
    state = models.CharField(max_length=12, choices=State, default=State.ACTIVE)
    interval = models.PositiveIntegerField(
        null=True, blank=True, help_text="Seconds between two readings, as declared"
    )
    learned_interval = models.PositiveIntegerField(
        null=True, blank=True, help_text="Seconds, as its readings of the last days show"
    )
    limits = models.JSONField(
        default=dict, blank=True, help_text="Metric: value above which a stop is suspicious"
    )
    note = models.TextField(blank=True, default="")
    folded = models.TextField(blank=True, default="", editable=False)
    registered_at = models.DateTimeField(auto_now_add=True)
    registered_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="device_place_whole",
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
            )
        ]

    def __str__(self) -> str:
        return self.title or self.code

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(f"{self.code} {self.title}")
        super().save(*args, **kwargs)
