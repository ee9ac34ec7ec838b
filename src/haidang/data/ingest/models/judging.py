"""Quality rules of datasets, and what they found in each run."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class QualityRule(models.Model):
    """A rule that a dataset's rows are judged by on every load. It is tried before it is on."""

    class Severity(models.TextChoices):
        WARN = "warn", "Cảnh báo: vẫn nhận, có đánh dấu"
        BLOCK = "block", "Chặn: dòng chờ xử lý"

    dataset = models.CharField(max_length=100, db_index=True)
    title = models.TextField()
    kind = models.CharField(max_length=16)
    settings = models.JSONField(default=dict)
    severity = models.CharField(max_length=8, choices=Severity, default=Severity.WARN)
    owner = models.ForeignKey("org.Unit", models.PROTECT, null=True, related_name="+")
    is_active = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    made_label = models.TextField(help_text="Name of the person at that moment")

    def __str__(self) -> str:
        return self.title


class RuleOutcome(models.Model):
    """What a rule found in one run. `rows` are the first of those that failed; never values."""

    rule = models.ForeignKey(QualityRule, models.CASCADE, related_name="outcomes")
    run = models.ForeignKey("ingest.Run", models.CASCADE, related_name="outcomes")
    severity = models.CharField(max_length=8, choices=QualityRule.Severity)
    checked = models.BigIntegerField()
    failed = models.BigIntegerField()
    rows = ArrayField(models.BigIntegerField(), default=list)
    fault = models.TextField(blank=True, default="", help_text="Why the rule could not be run")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "run"], name="rule_outcome_once")]

    def __str__(self) -> str:
        return f"Quy tắc {self.rule_id}, lượt nạp {self.run_id}"
