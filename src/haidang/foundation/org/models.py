"""Units of the state and their dated names, parents and levels; sectors, positions, officers."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models


class Sector(models.Model):
    """A field of government (lĩnh vực): health, environment, investment…"""

    code = models.SlugField(primary_key=True)
    name = models.TextField()
    order = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """One unit by its lasting code. What changes with time is in the dated rows beside it."""

    code = models.TextField(unique=True)

    def __str__(self) -> str:
        return self.code


class UnitVersion(models.Model):
    """What a unit was from one day to another: name, kind, level, parent."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="versions")
    valid = DateRangeField(help_text="[from, to); an open end is today")

    def __str__(self) -> str:
        return str(self.unit_id)


class Position(models.Model):
    """A post in a unit."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="positions")
    title = models.TextField()

    def __str__(self) -> str:
        return self.title


class Officer(models.Model):
    """A person in a position; an account points to one."""

    position = models.ForeignKey(Position, models.PROTECT, related_name="officers")
    name = models.TextField()
    phone = models.TextField(blank=True, default="")
    email = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return self.name
