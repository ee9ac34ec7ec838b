"""Tickets and their history, procedures and their runs, steps, evidence."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from haidang.action.operations.rules import states
from haidang.action.operations.rules.evidence import EvidenceKind, TicketKind


class Kind(models.TextChoices):
    """What a ticket is about; decides which evidence its closing needs."""

    FLOOD = TicketKind.FLOOD.value, _("ngập, triều cường")
    INDICATOR = TicketKind.INDICATOR.value, _("chỉ tiêu vượt ngưỡng")
    ENVIRONMENT = TicketKind.ENVIRONMENT.value, _("môi trường")
    INFRASTRUCTURE = TicketKind.INFRASTRUCTURE.value, _("sự cố hạ tầng")
    DATA = TicketKind.DATA.value, _("thiếu hoặc hỏng số liệu")
    OTHER = TicketKind.OTHER.value, _("việc khác")


class Severity(models.IntegerChoices):
    LOW = 1, _("thấp")
    MEDIUM = 2, _("trung bình")
    HIGH = 3, _("cao")
    URGENT = 4, _("khẩn cấp")


class Authority(models.TextChoices):
    """In which form the Centre turns to the lead unit."""

    GIAO = "giao", _("giao")
    PHOI_HOP = "de_nghi_phoi_hop", _("đề nghị phối hợp")
    CHUYEN = "chuyen_tham_quyen", _("chuyển thẩm quyền")


class State(models.TextChoices):
    NEW = states.State.NEW.value, _("mới")
    VERIFYING = states.State.VERIFYING.value, _("xác minh")
    ASSIGNED = states.State.ASSIGNED.value, _("phân công")
    ACCEPTED = states.State.ACCEPTED.value, _("đã nhận")
    WORKING = states.State.WORKING.value, _("đang xử lý")
    WAITING = states.State.WAITING.value, _("chờ")
    DONE = states.State.DONE.value, _("hoàn thành")
    APPROVED = states.State.APPROVED.value, _("đã nghiệm thu")
    CLOSED = states.State.CLOSED.value, _("đã đóng")
    REFUSED = states.State.REFUSED.value, _("bị từ chối")
    MERGED = states.State.MERGED.value, _("đã gộp")
    TRANSFERRED = states.State.TRANSFERRED.value, _("đã chuyển thẩm quyền")


class Outcome(models.TextChoices):
    """The same conclusions as an alert's, which it is passed on to."""

    TRUE = "true", _("đúng, đã xử lý sự việc")
    FALSE = "false", _("sai, không có sự việc")
    DUPLICATE = "duplicate", _("trùng phiếu khác")
    DATA_FAULT = "data_fault", _("do lỗi số liệu")


class TicketQuerySet(models.QuerySet["Ticket"]):
    def unfinished(self) -> Self:
        return self.exclude(state__in=states.ENDED)

    def overdue(self, now: datetime) -> Self:
        return self.unfinished().filter(due_at__lt=now)

    def soonest_due(self) -> Self:
        return self.order_by(F("due_at").asc(nulls_last=True), "-severity", "id")


class Ticket(models.Model):
    """One thing to be dealt with, led by one unit, until it is closed with an outcome."""

    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    kind = models.TextField(choices=Kind.choices)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    title = models.TextField()
    folded = models.TextField(help_text="Title without accents, for search")
    description = models.TextField(blank=True, default="")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", help_text="Where")
    place_note = models.TextField(blank=True, default="")
    sector = models.ForeignKey(
        "org.Sector", models.PROTECT, null=True, blank=True, related_name="+"
    )
    authority = models.TextField(choices=Authority.choices)
    legal_basis = models.TextField(blank=True, default="")
    lead = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    alert = models.ForeignKey("alerts.Alert", models.PROTECT, null=True, related_name="+")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    state = models.TextField(choices=State.choices, default=State.NEW)
    state_reason = models.TextField(blank=True, default="")
    due_at = models.DateTimeField(null=True, help_text="The nearest deadline of its open steps")
    due_clock = models.TextField(blank=True, default="running")
    revision = models.PositiveIntegerField(default=1, help_text="Counts the moves")
    opened_at = models.DateTimeField()
    opened_by = models.TextField()
    outcome = models.TextField(choices=Outcome.choices, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(blank=True, default="")

    objects = TicketQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "serial"], name="operations_ticket_number"),
            models.UniqueConstraint(
                fields=["alert"],
                condition=~Q(state__in=sorted(states.ENDED)),
                name="operations_one_open_ticket_per_alert",
            ),
            models.CheckConstraint(
                condition=~Q(authority="giao") | ~Q(legal_basis=""),
                name="operations_giao_has_legal_basis",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                & ~Q(outcome="")
                & ~Q(closed_by="")
                | ~Q(state="closed") & Q(outcome="", closed_at__isnull=True, closed_by=""),
                name="operations_closed_with_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["waiting", "refused", "merged", "transferred"])
                | ~Q(state_reason=""),
                name="operations_reason_where_needed",
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | ~Q(state="merged") & Q(merged_into__isnull=True),
                name="operations_merged_into_one",
            ),
        ]
        indexes = [
            models.Index(
                F("due_at").asc(nulls_last=True),
                F("severity").desc(),
                F("id"),
                name="operations_due_first",
                condition=~Q(state__in=sorted(states.ENDED)),
            ),
            models.Index(
                F("due_at").asc(nulls_last=True),
                F("severity").desc(),
                F("id"),
                name="operations_all_due_first",
            ),
            models.Index(fields=["-opened_at", "-id"], name="operations_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("operations:detail", args=[self.pk])

    @property
    def number(self) -> str:
        return states.number(self.year, self.serial)


class Cooperation(models.Model):
    """A unit that helps the lead unit."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="cooperations")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "unit"], name="operations_cooperates_once")
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.unit_id}"


class TicketEvent(models.Model):
    """One line of a ticket's history."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="events")
    at = models.DateTimeField()
    by = models.TextField()
    verb = models.TextField(help_text="A verb of the state machine, or step, evidence, note")
    from_state = models.TextField(choices=State.choices, blank=True, default="")
    to_state = models.TextField(choices=State.choices, blank=True, default="")
    text = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["ticket", "at", "id"], name="operations_event_order")]

    def __str__(self) -> str:
        return f"{self.verb} {self.text}"


class Procedure(models.Model):
    """A standard procedure (SOP) by its lasting code."""

    code = models.SlugField(unique=True)
    title = models.TextField()
    ticket_kind = models.TextField(choices=Kind.choices, blank=True, default="")

    def __str__(self) -> str:
        return self.title


class ProcedureVersion(models.Model):
    """One published definition. Never changed: runs point to it."""

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    bpmn = models.TextField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.TextField()
    reason = models.TextField(blank=True, default="", help_text="Why; what is shipped has none")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["procedure", "number"], name="operations_procedure_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.procedure_id} v{self.number}"


class Run(models.Model):
    """One procedure at work on one ticket."""

    ticket = models.OneToOneField(Ticket, models.PROTECT, related_name="run")
    version = models.ForeignKey(ProcedureVersion, models.PROTECT, related_name="runs")
    serializer_version = models.TextField()
    state = models.JSONField(help_text="The serialised run; whole only with its version")
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.version_id}"


class Activity(models.Model):
    """One step of a run, given to one unit, with a deadline."""

    class State(models.TextChoices):
        READY = "ready", _("đến lượt")
        DONE = "done", _("đã xong")
        SKIPPED = "skipped", _("bỏ qua")

    class Clock(models.TextChoices):
        RUNNING = "running", _("giờ liên tục")
        WORKING = "working", _("giờ làm việc")

    run = models.ForeignKey(Run, models.PROTECT, related_name="activities")
    task = models.UUIDField(help_text="The task in the serialised run")
    step = models.TextField(help_text="The step's id in the definition")
    title = models.TextField()
    role = models.TextField(blank=True, default="")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    clock = models.TextField(choices=Clock.choices, default=Clock.RUNNING)
    state = models.TextField(choices=State.choices, default=State.READY)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True, default="")
    answer = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "task"], name="operations_activity_task"),
            models.CheckConstraint(
                condition=Q(state="ready", ended_at__isnull=True, ended_by="")
                | ~Q(state="ready") & Q(ended_at__isnull=False) & ~Q(ended_by=""),
                name="operations_activity_ended_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Evidence(models.Model):
    """What shows that the work was done, or why nothing can show it."""

    class Kind(models.TextChoices):
        PHOTO = EvidenceKind.PHOTO.value, _("ảnh")
        DOCUMENT = EvidenceKind.DOCUMENT.value, _("tài liệu")
        FIGURE = EvidenceKind.FIGURE.value, _("số liệu trở lại bình thường")
        NONE = EvidenceKind.NONE.value, _("chưa có minh chứng")

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="evidence")
    activity = models.ForeignKey(Activity, models.PROTECT, null=True, related_name="evidence")
    kind = models.TextField(choices=Kind.choices)
    original = models.ForeignKey(
        "core.StoredFile", models.PROTECT, null=True, related_name="+", help_text="As received"
    )
    shown = models.ForeignKey(
        "core.StoredFile",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="What pages serve: pictures without place, camera and person",
    )
    name = models.TextField(blank=True, default="")
    media_type = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    at = models.DateTimeField()
    by = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=["photo", "document"], original__isnull=False, shown__isnull=False
                )
                | Q(kind__in=["figure", "none"], original__isnull=True, shown__isnull=True)
                & ~Q(note=""),
                name="operations_evidence_file_or_words",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name or self.note}"
