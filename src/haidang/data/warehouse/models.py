"""What the database knows of the lake: its tables, and every batch that landed.

Both are written by the commit door alone, in the transaction of the lake's own catalogue.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class LakeTable(models.Model):
    """A dataset's table. `commits` counts its commits, so that a stale one is refused."""

    dataset = models.TextField(primary_key=True)
    kind = models.TextField()
    columns = models.JSONField()
    key = models.JSONField()
    unit_field = models.TextField(null=True)  # noqa: DJ001  null is "none"
    time_field = models.TextField(null=True)  # noqa: DJ001
    sector = models.TextField(null=True)  # noqa: DJ001
    owner_unit_id = models.BigIntegerField(null=True)
    commits = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    revised = models.BigIntegerField(default=0)
    repeated = models.BigIntegerField(default=0)
    erased = models.BigIntegerField(default=0, help_text="Accepted rows that the law removed")
    landed_at = models.DateTimeField(null=True)
    refreshed_snapshot = models.BigIntegerField(default=0, help_text="Of the last readings")

    def __str__(self) -> str:
        return self.dataset


class LandedBatch(models.Model):
    """One batch that the lake holds exactly once, with its counts."""

    batch = models.BigIntegerField(primary_key=True)
    dataset = models.TextField()
    source = models.TextField()
    accepted = models.BigIntegerField()
    duplicate = models.BigIntegerField()
    revised = models.BigIntegerField()
    counts = models.JSONField(default=dict)
    received_at = models.DateTimeField(null=True)
    landed_at = models.DateTimeField()
    snapshot = models.BigIntegerField(null=True)

    class Meta:
        db_table = "warehouse_landed"
        indexes = [
            models.Index(fields=["dataset", "batch"], name="landed_dataset"),
            BrinIndex(fields=["landed_at"], name="landed_when"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(accepted__gte=models.F("revised")), name="landed_revised"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dataset} {self.batch}"


class LastReading(models.Model):
    """The newest reading of each device and metric; overwritten from the lake."""

    dataset = models.TextField()
    device = models.TextField()
    metric = models.TextField()
    time = models.DateTimeField()
    value = models.FloatField(null=True)
    status = models.TextField(null=True)  # noqa: DJ001  as the lake has it
    unit = models.TextField(null=True)  # noqa: DJ001
    batch = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "device", "metric"], name="last_reading")
        ]

    def __str__(self) -> str:
        return f"{self.device} {self.metric}"


class ErasedRows(models.Model):
    """Rows of a batch that the law had removed: how many, and where the first of them stood."""

    removal = models.TextField(help_text="UUID of the removal")
    dataset = models.TextField()
    batch = models.BigIntegerField(db_index=True)
    rows = models.BigIntegerField()
    lines = models.JSONField(default=list)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.dataset} {self.batch}"
