"""Runs and what became of every row of them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Run(models.Model):
    """One arrival of data. Its id is the number of its batch in the lake.

    The readings of a stream share one run per source and hour: `first_batch` to `last_batch`.
    """

    class Channel(models.TextChoices):
        FILE = "file", "Tải tệp lên"
        API = "api", "API"
        COMMAND = "command", "Dòng lệnh"
        STREAM = "stream", "Luồng tự động"
        PULL = "pull", "Kết nối"
        FORM = "form", "Biểu nhập"
        MEND = "mend", "Nạp lại sau khi sửa"
        SYSTEM = "system", "Hệ thống"

    class Status(models.TextChoices):
        RECEIVED = "received", "Đã nhận"
        CHECKING = "checking", "Đang kiểm tra"
        WAITING = "waiting", "Chờ đồng ý cấu trúc"
        LANDED = "landed", "Đã nạp"
        FAILED = "failed", "Không nạp được"
        CANCELLED = "cancelled", "Đã hủy"

    class Approval(models.TextChoices):
        NOT_NEEDED = "not_needed", "Không cần duyệt"
        PENDING = "pending", "Chưa duyệt"
        APPROVED = "approved", "Đã duyệt"
        REJECTED = "rejected", "Không duyệt"

    id = models.BigIntegerField(primary_key=True)
    source = models.ForeignKey("ingest.Source", models.PROTECT, related_name="runs")
    dataset = models.CharField(max_length=100)
    channel = models.CharField(max_length=8, choices=Channel)
    file = models.ForeignKey("core.StoredFile", models.PROTECT, null=True, related_name="+")
    file_name = models.TextField(blank=True, default="")
    content_type = models.TextField(blank=True, default="")
    records = models.TextField(
        blank=True, default="", help_text="Where in a JSON or XML document the rows stand"
    )
    idempotency_key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001 absent keys must not collide
    mends = models.ForeignKey("self", models.PROTECT, null=True, related_name="mended_by")

    read = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    revised = models.BigIntegerField(default=0)
    # Equal rows inside the file itself; the lake never sees them, `duplicate` counts them in.
    repeated = models.BigIntegerField(default=0)
    notes = models.JSONField(default=list, help_text="What the reader noticed, in sentences")

    styles = models.JSONField(default=dict, help_text="Decimal sign of each column of numbers")

    structure = models.JSONField(
        default=dict, help_text="Of a file that differs: its columns, and the differences"
    )

    status = models.CharField(max_length=10, choices=Status, default=Status.RECEIVED)
    progress = models.PositiveSmallIntegerField(default=0, help_text="Percent of the bytes read")
    failure = models.TextField(blank=True, default="")
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    loaded_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    loaded_by_label = models.TextField(blank=True, default="")

    approval = models.CharField(max_length=10, choices=Approval, default=Approval.NOT_NEEDED)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    decision_reason = models.TextField(blank=True, default="")

    stream_hour = models.DateTimeField(null=True, blank=True)
    first_batch = models.BigIntegerField(null=True, blank=True)
    last_batch = models.BigIntegerField(null=True, blank=True)
    batches = ArrayField(models.BigIntegerField(), default=list)  # of a stream that is not approved

    class Meta:
        indexes = [
            models.Index(fields=["source", "-received_at"], name="run_source_received"),
            models.Index(fields=["-received_at"], name="run_received"),
            models.Index(fields=["status", "-received_at"], name="run_status_received"),
            models.Index(fields=["approval", "-received_at"], name="run_approval_received"),
            models.Index(
                fields=["dataset"],
                name="run_held",
                condition=Q(approval__in=["pending", "rejected"]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="run_idempotency_key",
                fields=["source", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
            ),
            models.UniqueConstraint(
                name="run_stream_hour",
                fields=["source", "stream_hour"],
                condition=Q(stream_hour__isnull=False),
            ),
            models.CheckConstraint(
                name="run_reconciles",
                condition=~Q(status="landed")
                | Q(read=F("accepted") + F("quarantined") + F("duplicate")),
            ),
            models.CheckConstraint(
                name="run_counts_sane",
                condition=Q(read__gte=0, accepted__gte=0, quarantined__gte=0, duplicate__gte=0)
                & Q(revised__gte=0, revised__lte=F("accepted"))
                & Q(repeated__gte=0),
            ),
            models.CheckConstraint(
                name="run_finished_at",
                condition=Q(status__in=["received", "checking", "waiting"], finished_at=None)
                | Q(status__in=["landed", "failed", "cancelled"], finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="run_decided",
                condition=Q(approval__in=["approved", "rejected"], decided_at__isnull=False)
                | Q(approval__in=["pending", "not_needed"], decided_at=None, decided_by=None),
            ),
            models.CheckConstraint(
                name="run_decided_by_another",
                condition=Q(decided_by=None) | Q(loaded_by=None) | ~Q(decided_by=F("loaded_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"Lượt nạp {self.pk}"

    @property
    def is_finished(self) -> bool:
        return self.status in {self.Status.LANDED, self.Status.FAILED, self.Status.CANCELLED}


class QuarantinedRow(models.Model):
    """A row that broke the contract, as it came, with every reason, until a person decides."""

    class State(models.TextChoices):
        OPEN = "open", "Chờ xử lý"
        MENDED = "mended", "Đã sửa"
        DISCARDED = "discarded", "Đã loại bỏ"

    run = models.ForeignKey(Run, models.PROTECT, related_name="quarantine")
    # Of the run: the desk is narrowed by source, and an index knows one table only.
    source = models.ForeignKey("ingest.Source", models.PROTECT, related_name="+", db_index=False)
    row_no = models.BigIntegerField(help_text="Line of the file, or place in the message")
    raw = models.JSONField()
    reasons = models.JSONField(help_text="[{field, code, message}]")
    first_code = models.CharField(max_length=32, default="")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    mended = models.JSONField(null=True, blank=True)
    menders = ArrayField(models.BigIntegerField(), default=list, help_text="Accounts that typed")
    mended_in = models.ForeignKey(Run, models.PROTECT, null=True, related_name="mended_rows")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    decision_reason = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["run", "row_no"], name="quarantine_run_row"),
            models.Index(fields=["-id"], name="quarantine_open", condition=Q(state="open")),
            models.Index(fields=["state", "-run", "row_no"], name="quarantine_desk"),
            models.Index(fields=["state", "first_code", "-run"], name="quarantine_reason"),
            models.Index(fields=["source", "state", "-run", "row_no"], name="quarantine_source"),
        ]
        constraints = [
            models.CheckConstraint(
                name="quarantine_decided",
                condition=Q(state="open", decided_at=None, decided_by=None, mended_in=None)
                | Q(state="mended", decided_at__isnull=False, mended_in__isnull=False)
                | Q(state="discarded", decided_at__isnull=False, mended_in=None),
            ),
            models.CheckConstraint(
                name="quarantine_discarded_with_reason",
                condition=~Q(state="discarded") | ~Q(decision_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"Dòng {self.row_no} của lượt nạp {self.run_id}"
