"""Official boundaries of units: sheets that were imported, in force from a day."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from haidang.foundation.org.models.units import Unit


class BoundarySheet(models.Model):
    """One imported file of boundaries, with its source and the decision it follows."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Chờ duyệt")
        IN_USE = "in_use", _("Đang dùng")
        WITHDRAWN = "withdrawn", _("Đã rút")

    source = models.TextField(_("nguồn"), help_text="Who drew it, shown under every map")
    decision = models.TextField(_("số văn bản"))
    on = models.DateField(_("ngày có hiệu lực"))
    state = models.TextField(choices=State, default=State.DRAFT)
    file_name = models.TextField()
    sha256 = models.CharField(max_length=64, help_text="The original, as it came")
    crs = models.TextField(help_text="Coordinate system the file was read in")
    column = models.TextField(help_text="Which property named the units")
    notes = models.JSONField(default=list, help_text="What a person should know before using it")
    problems = models.JSONField(default=list, help_text="What forbids its use")
    # Accounts stand above this domain: their ids and names, as in the audit trail.
    imported_by = models.BigIntegerField(null=True)
    imported_by_label = models.TextField()
    imported_at = models.DateTimeField()
    used_by = models.BigIntegerField(null=True)
    used_by_label = models.TextField(blank=True, default="")
    used_at = models.DateTimeField(null=True)
    withdrawn_by_label = models.TextField(blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="boundary_sheet_times_of_state",
                condition=Q(state="draft", used_at__isnull=True)
                | Q(state="in_use", used_at__isnull=False, withdrawn_at__isnull=True)
                | Q(state="withdrawn", withdrawn_at__isnull=False),
            ),
            models.CheckConstraint(
                name="boundary_sheet_two_persons",
                condition=Q(used_by__isnull=True)
                | Q(imported_by__isnull=True)
                | ~Q(used_by=F("imported_by")),
            ),
            models.CheckConstraint(
                name="boundary_sheet_used_without_problems",
                condition=Q(used_at__isnull=True) | Q(problems=[]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}, {self.decision}"


class Boundary(models.Model):
    """The shape of one unit on a sheet."""

    sheet = models.ForeignKey(BoundarySheet, models.CASCADE, related_name="boundaries")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    geometry = models.JSONField(help_text="GeoJSON MultiPolygon, WGS 84")
    area = models.FloatField(help_text="km²")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "unit"], name="boundary_once_a_sheet"),
            models.CheckConstraint(name="boundary_has_area", condition=Q(area__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id}: {self.unit_id}"
