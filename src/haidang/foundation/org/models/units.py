"""Units by their lasting codes, and the dated rows that say what each was and when."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.utils.translation import gettext_lazy as _

from haidang.foundation.core import text
from haidang.foundation.org.models.dated import never_empty, never_overlapping
from haidang.foundation.org.rules.kinds import KINDS, RELATIONS


class Level(models.Model):
    """A level of the tree, as data: two-tier and three-tier provinces differ only here."""

    code = models.SlugField(primary_key=True)
    name = models.TextField()
    order = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Sector(models.Model):
    """A field of government (lĩnh vực): health, environment, investment…"""

    code = models.SlugField(primary_key=True)
    name = models.TextField()
    order = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """One unit by its lasting code. What changes with time is in the dated rows beside it."""

    code = models.TextField(_("mã"), unique=True)

    def __str__(self) -> str:
        return self.code


class UnitAlias(models.Model):
    """Another code of a unit: an old one, or that of another system."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="aliases")
    code = models.TextField(unique=True)
    note = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return self.code


class UnitVersion(models.Model):
    """What a unit was from one day to another: name, kind, level, parent."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="versions")
    valid = DateRangeField(help_text="[from, to); an open end is today")
    name = models.TextField(_("tên đầy đủ"))
    short_name = models.TextField(_("tên ngắn"))
    designation = models.TextField(_("loại hình"), blank=True, default="")
    folded = models.TextField(editable=False, help_text="Names and code without accents")
    sort_key = models.TextField(editable=False, help_text="Dictionary order of the short name")
    level = models.ForeignKey(Level, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=KINDS.items())
    relation = models.CharField(max_length=20, choices=RELATIONS.items())
    parent = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    basis = models.ForeignKey(
        "org.LegalBasis", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            never_overlapping("unit", "unit_has_one_version_a_day"),
            never_empty("unit_version_has_days"),
            models.CheckConstraint(
                name="unit_is_not_its_own_parent",
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("unit")),
            ),
            models.CheckConstraint(name="unit_kind_known", condition=models.Q(kind__in=KINDS)),
            models.CheckConstraint(
                name="unit_relation_known", condition=models.Q(relation__in=RELATIONS)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def fold(self) -> None:
        """Fill the columns that search and order by, before saving."""
        self.folded = text.fold(f"{self.name} {self.unit.code}")
        self.sort_key = text.sort_key(self.short_name)
