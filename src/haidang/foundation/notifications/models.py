"""Messages to accounts, and one delivery of each per channel, with its proof."""

from django.db import models
from django.db.models import Q


class MessageQuerySet(models.QuerySet["Message"]):
    def of(self, account_id: int) -> "MessageQuerySet":
        return self.filter(account_id=account_id)

    def unread(self) -> "MessageQuerySet":
        return self.filter(read_at__isnull=True)


class Message(models.Model):
    """What one account is told. It stays in the inbox whatever the other channels do."""

    account = models.ForeignKey("access.Account", models.CASCADE, related_name="+")
    kind = models.TextField(help_text="What it is about: alerts.raised, obligations.reminder…")
    title = models.TextField()
    body = models.TextField(blank=True, default="")
    url = models.TextField(blank=True, default="", help_text="Page of the platform, from /")
    ref = models.TextField(blank=True, default="", help_text="What it is about, for its sender")
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["account", "-id"], name="message_inbox"),
            models.Index(
                fields=["account", "-id"], name="message_unread", condition=Q(read_at__isnull=True)
            ),
            models.Index(fields=["ref"], name="message_ref"),
        ]

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """One way that a message takes: when it was sent, what the other side answered."""

    class State(models.TextChoices):
        WAITING = "waiting", "Chờ gửi"
        SENT = "sent", "Đã gửi"
        FAILED = "failed", "Không gửi được"
        SKIPPED = "skipped", "Không có địa chỉ"

    message = models.ForeignKey(Message, models.CASCADE, related_name="deliveries")
    channel = models.TextField()
    address = models.TextField(blank=True, default="")
    state = models.TextField(choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True, help_text="The channel took it over")
    delivered_at = models.DateTimeField(null=True, help_text="It stands where it can be read")
    proof = models.TextField(blank=True, default="", help_text="Message-ID, or the last error")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "channel"], name="delivery_once_a_channel"),
            models.CheckConstraint(
                name="delivery_sent_has_time",
                condition=~Q(state="sent") | Q(sent_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.channel}: {self.state}"
