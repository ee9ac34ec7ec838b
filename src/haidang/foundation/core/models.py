"""Audit, the outbox of events, and stored files: what every domain writes beside its own rows."""

from django.db import models


class AuditEntry(models.Model):
    """Who changed what, when and why. Written in the change's own transaction, never altered."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    # The actor may be gone tomorrow: an id and a label, no foreign key.
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.TextField()
    action = models.TextField()
    object_type = models.TextField()
    object_id = models.TextField()
    object_label = models.TextField(blank=True, default="")
    changes = models.JSONField(default=dict)
    reason = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return f"{self.action} {self.object_label}"


class OutboxEvent(models.Model):
    """One thing that happened. Ids only; order is promised within one aggregate."""

    name = models.TextField()
    aggregate = models.TextField()
    payload = models.JSONField(default=dict)
    occurred_at = models.DateTimeField(auto_now_add=True)
    relayed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                name="outbox_waiting",
                condition=models.Q(relayed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.aggregate}"


class StoredFile(models.Model):
    """A file kept once by its content; the bytes lie in the data folder under its hash."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    media_type = models.TextField(blank=True, default="")
    name = models.TextField(help_text="Name that it first arrived under")
    stored_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
