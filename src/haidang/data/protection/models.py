"""Requests to remove data, what may not come again, and who looked at personal data."""

import hashlib
import json

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Removal(models.Model):
    """One removal that the law requires: asked, approved by another, done. It is its tombstone.

    No value that is removed stands here, only keyed hashes of it.
    """

    class Kind(models.TextChoices):
        PERSON = "person", "Dữ liệu của một người"
        ROWS = "rows", "Các dòng theo khóa"
        RUN = "run", "Toàn bộ một lượt nạp"
        SECRET = "secret", "Bí mật nhà nước nhận nhầm"
        EXPIRED = "expired", "Hết thời hạn lưu giữ"

    class State(models.TextChoices):
        ASKED = "asked", "Chờ duyệt"
        APPROVED = "approved", "Đã duyệt, đang xóa"
        DONE = "done", "Đã xóa"
        REJECTED = "rejected", "Không duyệt"

    uuid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    datasets = ArrayField(models.TextField(), default=list)
    owner_unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    sector = models.CharField(max_length=50, blank=True, default="")
    reason = models.TextField()
    legal_basis = models.TextField()
    document = models.CharField(max_length=100, help_text="Number and date of the decision")
    shown = models.TextField(help_text="What goes, in words, masked")

    groups = models.JSONField(default=dict)
    hashes = models.JSONField(default=list)
    batches = models.JSONField(default=dict)
    expired = models.JSONField(default=dict, help_text="{dataset: {rows, files}}: moments")
    files = models.JSONField(default=list, help_text="Keyed hashes of the files that went")
    key = models.CharField(max_length=16, help_text="Fingerprint of the key of the hashes")
    refuses = models.BooleanField(default=True, help_text="The same may not come again")

    preview = models.JSONField(default=dict)
    progress = models.JSONField(default=dict)
    failure = models.TextField(blank=True, default="")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    asked_label = models.TextField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    decided_label = models.TextField(blank=True, default="")
    decision_reason = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True, blank=True)
    replayed_at = models.DateTimeField(null=True, blank=True, help_text="Over a restored backup")

    class Meta:
        indexes = [models.Index(fields=["-asked_at"], name="removal_newest")]
        constraints = [
            models.CheckConstraint(
                name="removal_two_persons",
                condition=Q(decided_by=None) | Q(asked_by=None) | ~Q(decided_by=F("asked_by")),
            ),
            models.CheckConstraint(
                name="removal_decided",
                condition=Q(state="asked", decided_at=None) | ~Q(state="asked"),
            ),
        ]

    def __str__(self) -> str:
        return f"Hồ sơ xóa dữ liệu {self.pk}"


class Retention(models.Model):
    """How long a dataset's rows and files are kept: proposed, approved by another, at work.

    Without one everything is kept.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "Chờ duyệt, chưa xóa gì"
        ON = "on", "Đang áp dụng"
        OFF = "off", "Đã dừng, giữ tất cả"

    dataset = models.CharField(max_length=100, unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    rows_months = models.PositiveIntegerField(null=True, help_text="By the rows' own time")
    files_months = models.PositiveIntegerField(null=True, help_text="Since a file came")
    legal_basis = models.TextField()
    document = models.CharField(max_length=100, help_text="Number and date of the decision")
    owner_unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    sector = models.CharField(max_length=50, blank=True, default="")
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    proposed_label = models.TextField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    decided_label = models.TextField(blank=True, default="")
    looked_at = models.DateTimeField(null=True, blank=True, help_text="Last look for what is over")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="retention_two_persons",
                condition=Q(decided_by=None)
                | Q(proposed_by=None)
                | ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="retention_says_something",
                condition=Q(rows_months__gte=1) | Q(files_months__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"Thời hạn lưu giữ của {self.dataset}"

    @property
    def seal(self) -> str:
        """The SHA-256 of what it says: whoever approves names exactly what was seen."""
        said = [self.rows_months, self.files_months, self.legal_basis, self.document]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


class Erased(models.Model):
    """One keyed hash of what was removed: looked up when something like it comes."""

    removal = models.ForeignKey(Removal, models.CASCADE, related_name="erased")
    kind = models.CharField(max_length=8, choices=[("value", "value"), ("file", "file")])
    hash = models.CharField(max_length=40)
    refuses = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["removal", "kind", "hash"], name="erased_once")
        ]
        indexes = [models.Index(fields=["hash"], name="erased_hash")]

    def __str__(self) -> str:
        return self.hash


class Look(models.Model):
    """Somebody saw personal data as it is: who, of which dataset, how many rows, what for."""

    class Way(models.TextChoices):
        ROWS = "rows", "Trang dòng dữ liệu"
        EXPORT = "export", "Tải CSV"
        API = "api", "API"
        QUARANTINE = "quarantine", "Dữ liệu chờ xử lý"
        ORIGINAL = "original", "Tệp gốc"
        QUERY = "query", "Truy vấn"

    at = models.DateTimeField(auto_now_add=True)
    account_id = models.BigIntegerField(null=True)
    label = models.TextField()
    dataset = models.CharField(max_length=100)
    owner_unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    sector = models.CharField(max_length=50, blank=True, default="")
    columns = ArrayField(models.TextField(), default=list)
    rows = models.BigIntegerField()
    way = models.CharField(max_length=12, choices=Way)
    purpose = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["-at"], name="look_newest"),
            models.Index(fields=["dataset", "-at"], name="look_dataset"),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.dataset}"
