"""What each unit owes, the reminders that prove it was told, and the timers of the system."""

from django.db import models
from django.db.models import F, Q


class Obligation(models.Model):
    """A unit owes something by a moment. One open obligation per thing (`ref`)."""

    class Clock(models.TextChoices):
        RUNNING = "running", "Giờ liên tục"
        WORKING = "working", "Giờ làm việc"

    class State(models.TextChoices):
        OPEN = "open", "Đang thực hiện"
        FULFILLED = "fulfilled", "Đã thực hiện"
        CANCELLED = "cancelled", "Đã hủy"

    kind = models.TextField()
    ref = models.TextField(help_text='The thing owed, named by its domain: "ingest.source:X"')
    debtor_unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    creditor_unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    sector = models.ForeignKey("org.Sector", models.PROTECT, null=True, related_name="+")
    title = models.TextField()
    url = models.TextField(blank=True, default="")
    clock = models.TextField(choices=Clock.choices, default=Clock.WORKING)
    owed_since = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.TextField(choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField(null=True)
    next_step = models.PositiveSmallIntegerField(default=0, help_text="Of the reminders' plan")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ref"], name="obligation_open_once", condition=Q(state="open")
            ),
            models.CheckConstraint(
                name="obligation_closed_has_time",
                condition=Q(state="open", closed_at__isnull=True)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="obligation_due_after_owed", condition=Q(due_at__gte=F("owed_since"))
            ),
        ]
        indexes = [
            models.Index(
                fields=["debtor_unit", "due_at"],
                name="obligation_owed",
                condition=Q(state="open"),
            ),
            models.Index(fields=["due_at", "id"], name="obligation_by_due"),
            models.Index(
                fields=["due_at", "id"], name="obligation_open_by_due", condition=Q(state="open")
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Reminder(models.Model):
    """One reminder of a unit; those after the deadline are counted per unit and year."""

    class Stage(models.TextChoices):
        AHEAD = "ahead", "Nhắc trước hạn"
        OVERDUE = "overdue", "Đôn đốc khi quá hạn"
        ESCALATED = "escalated", "Báo cáo lãnh đạo đơn vị"

    obligation = models.ForeignKey(Obligation, models.PROTECT, related_name="reminders")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    stage = models.TextField(choices=Stage.choices)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField(null=True, help_text="Of this unit in this year")
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "year", "number"], name="reminder_number_once"),
            models.CheckConstraint(
                name="reminder_only_overdue_counts",
                condition=Q(stage="overdue", number__isnull=False)
                | (~Q(stage="overdue") & Q(number__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.sent_at:%d/%m/%Y}"


class ReminderCopy(models.Model):
    """The message that carried a reminder to one account: the proof hangs on it."""

    reminder = models.ForeignKey(Reminder, models.PROTECT, related_name="copies")
    message = models.OneToOneField("notifications.Message", models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.reminder_id} {self.message_id}"


class WakeUp(models.Model):
    """A moment at which a kind's task is to run for a thing. One waits per kind and thing."""

    kind = models.TextField()
    ref = models.TextField()
    due_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "ref"], name="wake_up_once")]
        indexes = [models.Index(fields=["due_at"], name="wake_up_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"
