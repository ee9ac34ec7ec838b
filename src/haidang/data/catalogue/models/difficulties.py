"""The register of difficulties (vướng mắc) in managing, connecting and sharing data."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Difficulty(models.Model):
    """What hinders a unit, which agency is to clear it, until when, and what came of it.

    Clause 3.2f of Decision 2338/QĐ-UBND: the Centre advises on difficulties of shared data.
    """

    class Kind(models.TextChoices):
        CONNECTION = "connection", _("Kết nối, truyền số liệu")
        QUALITY = "quality", _("Chất lượng số liệu")
        SHARING = "sharing", _("Chia sẻ, khai thác")
        MANAGEMENT = "management", _("Quản lý, quy định")
        SUPPORT = "support", _("Đề nghị hỗ trợ, hướng dẫn")

    class State(models.TextChoices):
        OPEN = "open", _("Đang xử lý")
        REPORTED = "reported", _("Đã báo cáo Sở")
        RESOLVED = "resolved", _("Đã tháo gỡ")
        WITHDRAWN = "withdrawn", _("Đã rút")

    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    kind = models.TextField(choices=Kind)
    title = models.TextField(_("tên vướng mắc"))
    title_folded = models.TextField(editable=False, default="")
    description = models.TextField(blank=True, default="")
    subject_kind = models.TextField(blank=True, default="", help_text="Registered by its domain")
    subject = models.TextField(blank=True, default="", help_text="Code of what it is about")
    sector = models.ForeignKey("org.Sector", models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", help_text="Who raised")
    agency = models.ForeignKey(
        "org.Unit", models.PROTECT, related_name="+", help_text="Who is to clear it"
    )
    proposal = models.TextField(_("đề xuất"), blank=True, default="")
    state = models.TextField(choices=State, default=State.OPEN)
    raised_at = models.DateTimeField()
    raised_by = models.TextField(help_text="Name of the person at that moment")
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "serial"], name="difficulty_number"),
            models.CheckConstraint(
                name="difficulty_closed_has_time",
                condition=Q(state__in=["open", "reported"], closed_at__isnull=True)
                | Q(state__in=["resolved", "withdrawn"], closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="difficulty_due_after_raised", condition=Q(due_at__gt=F("raised_at"))
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="difficulty_by_due")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        """The number that people say and write: VM-2026-0007."""
        return f"VM-{self.year}-{self.serial:04}"

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None


class DifficultyEntry(models.Model):
    """One step on the way: a reply, a meeting with its minutes, a report, another deadline."""

    class Kind(models.TextChoices):
        RAISED = "raised", _("Nêu vướng mắc")
        REPLY = "reply", _("Trả lời, trao đổi")
        MEETING = "meeting", _("Họp")
        REPORT = "report", _("Báo cáo lãnh đạo Sở")
        EXTENSION = "extension", _("Đổi thời hạn")
        RESOLVED = "resolved", _("Đã tháo gỡ")
        WITHDRAWN = "withdrawn", _("Rút")
        REOPENED = "reopened", _("Mở lại")

    difficulty = models.ForeignKey(Difficulty, models.CASCADE, related_name="entries")
    kind = models.TextField(choices=Kind)
    text = models.TextField(blank=True, default="")
    document = models.TextField(blank=True, default="", help_text="Number of the document, minutes")
    sha256 = models.CharField(max_length=64, blank=True, default="")
    file_name = models.TextField(blank=True, default="")
    made_at = models.DateTimeField()
    made_by = models.TextField(help_text="Name of the person at that moment")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="difficulty_entry_says_something",
                condition=~Q(text="") | Q(kind="raised"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.difficulty_id} {self.kind}"
