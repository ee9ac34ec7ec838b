"""What was counted of the days of a source, kept until something of a day changes."""

from django.db import models


class Tally(models.Model):
    """One day of a source: what its landed runs of that day brought, and which rows of them stand.

    The database itself marks a day as stale with every change of its runs and rows (triggers of
    the migration), so that what is not stale is what counting anew would give.
    """

    source = models.ForeignKey("ingest.Source", models.CASCADE, related_name="+", db_index=False)
    day = models.DateField(help_text="On which the runs came, by the clock on the wall")
    is_stale = models.BooleanField(db_default=True)
    read = models.BigIntegerField(db_default=0)
    same = models.BigIntegerField(db_default=0)
    twice = models.BigIntegerField(db_default=0)
    corrected = models.BigIntegerField(db_default=0)
    held = models.BigIntegerField(db_default=0, help_text="Accepted, and not approved")
    first_at = models.DateTimeField(null=True, help_text="When the first run with rows came")
    last_at = models.DateTimeField(null=True)
    open = models.BigIntegerField(db_default=0, help_text="Rows that wait")
    standing = models.JSONField(null=True, help_text="[[dataset, code, state, rows]] not mended")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "day"], name="tally_of_day")]
        indexes = [
            models.Index(
                fields=["source", "day"], name="tally_stale", condition=models.Q(is_stale=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.day}"
