"""Where units lie, which touch, and who deals there with the matters of a sector."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models

from haidang.foundation.org.models.dated import never_empty, never_overlapping
from haidang.foundation.org.models.units import Sector, Unit


class Place(models.Model):
    """The point that stands for a unit on a map (WGS 84)."""

    unit = models.OneToOneField(Unit, models.CASCADE, primary_key=True, related_name="place")
    latitude = models.FloatField()
    longitude = models.FloatField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="place_on_earth",
                condition=models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.latitude:.5f}, {self.longitude:.5f}"


class Neighbour(models.Model):
    """Two units that touch; kept once, the smaller id first."""

    first = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    second = models.ForeignKey(Unit, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="neighbours_once"),
            models.CheckConstraint(
                name="neighbours_in_order",
                condition=models.Q(first__lt=models.F("second")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} - {self.second_id}"


class Competence(models.Model):
    """The question who deals with a sector's matters in a unit and all under it."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="competences")
    sector = models.ForeignKey(Sector, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "sector"], name="competence_once"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.sector_id}"


class CompetenceVersion(models.Model):
    """The answer from one day to another."""

    competence = models.ForeignKey(Competence, models.CASCADE, related_name="versions")
    valid = DateRangeField(help_text="[from, to); an open end is today")
    competent = models.ForeignKey(Unit, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            never_overlapping("competence", "one_competent_unit_a_day"),
            never_empty("competence_has_days"),
        ]

    def __str__(self) -> str:
        return str(self.competent_id)


class SurroundingPoint(models.Model):
    """A commune of a neighbouring province: its point shapes the border of the schematic map."""

    code = models.TextField(unique=True)
    name = models.TextField()
    latitude = models.FloatField()
    longitude = models.FloatField()

    def __str__(self) -> str:
        return self.name
