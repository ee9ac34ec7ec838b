"""The columns that a source's files were agreed to have, version by version."""

from django.db import models


class Structure(models.Model):
    """One agreed structure of a source's files. Never altered: a change is a new number."""

    source = models.ForeignKey("ingest.Source", models.PROTECT, related_name="structures")
    number = models.PositiveIntegerField()
    columns = models.JSONField(help_text="[{heading, field, type}]; no field: not loaded")
    contract_version = models.PositiveIntegerField()
    run = models.ForeignKey("ingest.Run", models.PROTECT, related_name="+")
    reason = models.TextField(blank=True, default="")
    agreed_at = models.DateTimeField(auto_now_add=True)
    agreed_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    agreed_label = models.TextField(help_text="Name of the person at that moment")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="structure_number")
        ]

    def __str__(self) -> str:
        return f"Cấu trúc {self.number} của nguồn {self.source_id}"
