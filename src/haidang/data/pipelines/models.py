"""Pipelines, the versions of their statements, their runs, and backfills over past periods."""

import datetime
import hashlib
import json

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Pipeline(models.Model):
    """A transformation of declared datasets into one. `version` is the one in use."""

    class Cadence(models.TextChoices):
        MANUAL = "manual", "Khi có người yêu cầu"
        HOURLY = "hourly", "Hằng giờ"
        DAILY = "daily", "Hằng ngày"
        LANDED = "landed", "Khi có số liệu đầu vào mới"

    code = models.CharField(max_length=80, unique=True)
    title = models.TextField()
    purpose = models.TextField(blank=True, default="")
    output = models.CharField(max_length=100, db_index=True)
    owner_unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    sector = models.CharField(max_length=50, blank=True, default="")
    cadence = models.CharField(max_length=8, choices=Cadence, default=Cadence.MANUAL)
    minute = models.PositiveSmallIntegerField(default=5, help_text="Of the hour")
    at = models.TimeField(null=True, blank=True, help_text="Of the day, in local time")
    lookback = models.PositiveSmallIntegerField(
        default=3, help_text="Days that a regular run of a statement by period covers"
    )
    is_on = models.BooleanField(default=False)
    version = models.ForeignKey("PipelineVersion", models.PROTECT, null=True, related_name="+")
    next_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return self.title

    @property
    def source_code(self) -> str:
        """The source of ingest under which its results are loaded."""
        return f"luong-{self.code}"


class PipelineVersion(models.Model):
    """One statement of a pipeline with its inputs and tests: a draft, tried, in use, or retired."""

    class State(models.TextChoices):
        DRAFT = "draft", "Bản nháp"
        TRIED = "tried", "Đã chạy thử, chờ duyệt"
        IN_USE = "in_use", "Đang dùng"
        RETIRED = "retired", "Không dùng nữa"

    class Engine(models.TextChoices):
        DUCKDB = "duckdb", "DuckDB, trên máy chủ này"
        SPARK = "spark", "Cụm Spark"

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    sql = models.TextField()
    inputs = ArrayField(models.TextField())
    columns = ArrayField(models.TextField(), default=list, help_text="Names that it reads")
    has_period = models.BooleanField(default=False)
    tests = models.JSONField(default=list, help_text="[{title, sql}]: no row may come back")
    min_rows = models.PositiveBigIntegerField(null=True, blank=True)
    max_rows = models.PositiveBigIntegerField(null=True, blank=True)
    origin = models.TextField(blank=True, default="", help_text="The expression in code, if one")
    engine = models.CharField(max_length=6, choices=Engine, default=Engine.DUCKDB)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    why = models.TextField()
    written_at = models.DateTimeField(auto_now_add=True)
    written_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    written_label = models.TextField()
    tried_at = models.DateTimeField(null=True, blank=True)
    tried_label = models.TextField(blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    decided_label = models.TextField(blank=True, default="")
    decision_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pipeline", "number"], name="pipeline_version"),
            models.UniqueConstraint(
                fields=["pipeline"], condition=Q(state="in_use"), name="pipeline_one_in_use"
            ),
            models.CheckConstraint(
                name="pipeline_two_persons",
                condition=Q(decided_by=None) | Q(written_by=None) | ~Q(decided_by=F("written_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pipeline_id} v{self.number}"

    @property
    def seal(self) -> str:
        """The SHA-256 of what it says: whoever approves names exactly the text that was seen."""
        said = [self.number, self.sql, self.inputs, self.tests, self.min_rows, self.max_rows]
        text = json.dumps([*said, self.origin, self.engine], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


class Backfill(models.Model):
    """A range of past days, run period by period."""

    class Step(models.TextChoices):
        DAY = "day", "Từng ngày"
        MONTH = "month", "Từng tháng"
        YEAR = "year", "Từng năm"

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="backfills")
    from_day = models.DateField()
    to_day = models.DateField(help_text="The day after the last")
    step = models.CharField(max_length=5, choices=Step)
    reason = models.TextField()
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_label = models.TextField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.from_day} – {self.to_day}"

    @property
    def last_day(self) -> datetime.date:
        return self.to_day - datetime.timedelta(days=1)


class PipelineRun(models.Model):
    """One computation of a pipeline: what it read, what it made, what became of the rows."""

    class Cause(models.TextChoices):
        SCHEDULE = "schedule", "Theo lịch"
        LANDED = "landed", "Đầu vào có số liệu mới"
        MANUAL = "manual", "Người dùng yêu cầu"
        BACKFILL = "backfill", "Tính lại kỳ cũ"

    class State(models.TextChoices):
        QUEUED = "queued", "Chờ chạy"
        RUNNING = "running", "Đang chạy"
        LANDED = "landed", "Đã ghi kết quả"
        NOTHING = "nothing", "Không có dòng nào"
        FAILED = "failed", "Không chạy được"
        CANCELLED = "cancelled", "Đã hủy"

    OPEN = (State.QUEUED, State.RUNNING)

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="runs")
    version = models.ForeignKey(PipelineVersion, models.PROTECT, related_name="runs")
    backfill = models.ForeignKey(Backfill, models.CASCADE, null=True, related_name="runs")
    cause = models.CharField(max_length=8, choices=Cause)
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    from_day = models.DateField(null=True)
    to_day = models.DateField(null=True)
    asked_id = models.BigIntegerField(null=True)
    asked_label = models.TextField()
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)
    inputs = models.JSONField(default=list, help_text="[{dataset, version, upto, batches, rows}]")
    tests = models.JSONField(default=list, help_text="[{title, passed, rows}]")
    log = models.JSONField(default=list, help_text="[[when, sentence]]")
    rows_made = models.BigIntegerField(default=0)
    batch = models.BigIntegerField(null=True, help_text="The run of ingest, and its batch")
    accepted = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    revised = models.BigIntegerField(default=0)
    failure = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["pipeline", "-id"], name="pipeline_run_newest"),
            models.Index(
                fields=["id"],
                name="pipeline_run_open",
                condition=Q(state__in=["queued", "running"]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["batch"], name="pipeline_run_batch"),
            models.CheckConstraint(
                name="pipeline_run_reconciles",
                condition=~Q(state="landed")
                | Q(rows_made=F("accepted") + F("quarantined") + F("duplicate")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pipeline_id} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def last_day(self) -> datetime.date | None:
        return self.to_day - datetime.timedelta(days=1) if self.to_day else None
