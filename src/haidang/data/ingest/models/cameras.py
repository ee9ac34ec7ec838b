"""The register of cameras in public places, and who saw or asked for what. No pictures."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from haidang.foundation.core.text import fold


class Camera(models.Model):
    """A camera: whose, where, for which purpose, on which legal basis, with which notice."""

    class State(models.TextChoices):
        ACTIVE = "active", "Đang hoạt động"
        PAUSED = "paused", "Tạm dừng"
        RETIRED = "retired", "Đã gỡ"

    code = models.CharField(max_length=100, unique=True)
    title = models.TextField()
    owner = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    sector = models.CharField(max_length=50, blank=True, default="")
    place = models.TextField(help_text="Address, or what it overlooks")
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    purpose = models.TextField()
    legal_basis = models.TextField()
    notice_place = models.TextField(blank=True, default="", help_text="Where the public is told")
    notice_since = models.DateField(null=True, blank=True)
    retention_days = models.PositiveSmallIntegerField()
    viewers = models.TextField(help_text="Who may view")
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    folded = models.TextField(blank=True, default="", editable=False)
    registered_at = models.DateTimeField(default=timezone.now)
    registered_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    registered_by_label = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="camera_place_whole",
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
            ),
            models.CheckConstraint(
                name="camera_says_why",
                condition=~Q(purpose="") & ~Q(legal_basis="") & ~Q(viewers=""),
            ),
            models.CheckConstraint(
                name="camera_notice_whole",
                condition=Q(notice_place="", notice_since=None)
                | (~Q(notice_place="") & Q(notice_since__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["owner", "code"], name="camera_of_owner")]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(f"{self.code} {self.title} {self.place} {self.purpose}")
        super().save(*args, **kwargs)

    @property
    def has_notice(self) -> bool:
        return bool(self.notice_place)


class CameraAccess(models.Model):
    """Somebody looked at a camera or asked for its pictures. Only added, never changed."""

    class Kind(models.TextChoices):
        LIVE = "live", "Xem trực tiếp"
        RECORDED = "recorded", "Xem lại bản ghi"
        ASKED = "asked", "Đề nghị trích xuất"
        HANDED = "handed", "Trích xuất, bàn giao"
        REFUSED = "refused", "Từ chối đề nghị"

    camera = models.ForeignKey(Camera, models.PROTECT, related_name="accesses")
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField(help_text="When it happened")
    who = models.TextField(help_text="Name, position and agency of who looked or asked")
    purpose = models.TextField()
    document = models.TextField(blank=True, default="")
    span_from = models.DateTimeField(null=True, blank=True, help_text="Of the pictures")
    span_to = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    recorded_by_label = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="camera_access_says_why", condition=~Q(who="") & ~Q(purpose="")
            ),
            models.CheckConstraint(
                name="camera_copy_has_document",
                condition=Q(kind__in=["live", "recorded"]) | ~Q(document=""),
            ),
        ]
        indexes = [
            models.Index(fields=["camera", "-at", "-id"], name="camera_access_newest"),
            models.Index(fields=["-at", "-id"], name="camera_access_all_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%d/%m/%Y}"
