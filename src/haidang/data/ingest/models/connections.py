"""Ways of pulling from a source's own system, and every time that it was tried."""

from django.db import models
from django.db.models import Q


class Connection(models.Model):
    """One way in which a source's data are fetched by the platform itself.

    `settings` holds what is not secret; `secrets` is sealed (see core.cipher). `cursor` says up
    to where the other side was read, in words of the connector alone.
    """

    class Cadence(models.TextChoices):
        MANUAL = "manual", "Chỉ khi bấm “Lấy ngay”"
        MINUTES = "minutes", "Cách đều theo phút"
        DAILY = "daily", "Hằng ngày"
        WEEKLY = "weekly", "Hằng tuần"
        MONTHLY = "monthly", "Hằng tháng"

    source = models.ForeignKey("ingest.Source", models.PROTECT, related_name="connections")
    kind = models.CharField(max_length=20)
    title = models.TextField()
    settings = models.JSONField(default=dict)
    secrets = models.TextField(blank=True, default="")
    cursor = models.JSONField(default=dict)
    round = models.PositiveIntegerField(default=0, help_text="How often it began again")

    cadence = models.CharField(max_length=8, choices=Cadence, default=Cadence.MANUAL)
    every = models.PositiveIntegerField(null=True, blank=True, help_text="Minutes")
    at = models.TimeField(null=True, blank=True)
    day = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Of the week (0 is Monday) or of the month"
    )

    is_active = models.BooleanField(default=True)
    next_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row")
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_because = models.TextField(blank=True, default="")
    asked_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    asked_label = models.TextField(blank=True, default="")
    last_success_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"],
                name="connection_due",
                condition=Q(is_active=True, paused_at=None, next_at__isnull=False),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="connection_schedule_whole",
                condition=Q(cadence="manual")
                | Q(cadence="minutes", every__gte=1)
                | Q(cadence="daily", at__isnull=False)
                | Q(cadence="weekly", at__isnull=False, day__lte=6)
                | Q(cadence="monthly", at__isnull=False, day__gte=1, day__lte=28),
            ),
            models.CheckConstraint(
                name="connection_paused_with_reason",
                condition=Q(paused_at=None) | ~Q(paused_because=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Attempt(models.Model):
    """One try to fetch: what it brought, the runs it made, and where it stopped."""

    class Outcome(models.TextChoices):
        RUNNING = "running", "Đang lấy"
        DONE = "done", "Đã lấy"
        NOTHING = "nothing", "Không có gì mới"
        PARTLY = "partly", "Lấy một phần"
        FAILED = "failed", "Không lấy được"
        INTERRUPTED = "interrupted", "Bị ngắt giữa chừng"

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="attempts")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    started_by = models.TextField(blank=True, default="", help_text="Empty: by the schedule")
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.RUNNING)
    items = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    runs = models.ManyToManyField("ingest.Run", related_name="attempts")
    cursor_before = models.JSONField(default=dict)
    cursor_after = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["connection", "-id"], name="attempt_newest")]
        constraints = [
            models.CheckConstraint(
                name="attempt_finished",
                condition=Q(outcome="running", finished_at=None)
                | ~Q(outcome="running") & Q(finished_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"Lần lấy {self.pk}"
