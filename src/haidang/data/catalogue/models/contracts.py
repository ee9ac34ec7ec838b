"""Datasets, and the versions of the contract that their rows keep."""

from datetime import date

from django.db import models
from django.utils import timezone

from haidang.data.catalogue import rules


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def with_contract(self, day: date) -> "DatasetQuerySet":
        """Fetch each dataset's contract of a day and its fields in two more queries."""
        newest = Contract.objects.in_force(day).prefetch_related("fields")
        return self.prefetch_related(models.Prefetch("contracts", newest, to_attr="newest"))


class Dataset(models.Model):
    """A named set of rows that a unit answers for."""

    code = models.SlugField(max_length=100, unique=True)
    title = models.TextField()
    title_folded = models.TextField(editable=False, default="")
    description = models.TextField(blank=True, default="")
    kind = models.TextField(choices=[("table", "Bảng"), ("readings", "Quan trắc")])
    sector = models.ForeignKey("org.Sector", models.PROTECT, null=True, related_name="+")
    owner_unit = models.ForeignKey("org.Unit", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["table", "readings"]), name="dataset_kind"
            )
        ]

    def __str__(self) -> str:
        return self.title


class ContractQuerySet(models.QuerySet["Contract"]):
    def in_force(self, day: date) -> "ContractQuerySet":
        """Keep the newest version of each dataset that holds on a day."""
        held = self.filter(valid_from__lte=day)
        return held.order_by("dataset_id", "-version").distinct("dataset_id")


class Contract(models.Model):
    """One version of what a dataset's rows look like. Never altered: a change is a new version."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="contracts")
    version = models.PositiveIntegerField()
    unit_field = models.TextField(blank=True, default="")
    time_field = models.TextField(blank=True, default="")
    valid_from = models.DateField(default=timezone.localdate, help_text="First day it holds")
    reason = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.TextField(help_text="Name of the person at that moment")

    objects = ContractQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "version"], name="contract_version")
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} v{self.version}"


class Field(models.Model):
    """One column of one version of a contract."""

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="fields")
    position = models.PositiveSmallIntegerField()
    name = models.TextField()
    title = models.TextField()
    type = models.TextField(choices=[(name, name) for name in rules.TYPES])
    unit_of_measure = models.TextField(blank=True, default="")
    required = models.BooleanField(default=False)
    key = models.BooleanField(default=False)
    codes = models.JSONField(default=list)
    minimum = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    maximum = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    pattern = models.TextField(blank=True, default="")
    personal_data = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "name"], name="field_name"),
            models.UniqueConstraint(fields=["contract", "position"], name="field_position"),
        ]

    def __str__(self) -> str:
        return self.name
