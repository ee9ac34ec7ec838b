"""What MQTT clients were refused: the protocol tells them nothing, so the page must."""

from django.db import models


class Refusal(models.Model):
    """One way in which one client was turned away, how often and when last.

    Without a source where nobody can tell to which one the client belongs.
    """

    class Reason(models.TextChoices):
        KEY = "key", "Khóa API sai, thiếu hoặc không có quyền gửi số liệu."
        VERSION = "version", "Thiết bị dùng phiên bản khác MQTT 3.1.1."
        NAME = "name", "Xin giữ phiên nhưng không khai tên thiết bị (client id)."
        TOPIC = "topic", "Chủ đề không đúng mẫu haidang/v1/{nguồn}/{thiết bị}."
        SOURCE = (
            "source",
            "Không được gửi vào nguồn này: nguồn không có, đã ngừng hoặc ngoài quyền.",
        )
        SIZE = "size", "Bản tin lớn hơn 256 KB."
        QUALITY = "quality", "Gửi với QoS 2; chỉ nhận QoS 0 và 1."
        PROTOCOL = "protocol", "Gói tin không đúng giao thức MQTT."

    source = models.ForeignKey("ingest.Source", models.PROTECT, null=True, related_name="refusals")
    client = models.CharField(max_length=60, help_text="User name, or client id")
    address = models.CharField(max_length=60)
    topic = models.CharField(max_length=120, blank=True, default="")
    reason = models.CharField(max_length=10, choices=Reason)
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="refusal_once",
                fields=["source", "client", "address", "topic", "reason"],
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["source", "-last_at"], name="refusal_newest")]

    def __str__(self) -> str:
        return f"{self.client}: {self.get_reason_display()}"
