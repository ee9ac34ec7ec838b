"""Indicators, their dated thresholds, the plans of each issuer, and proposals to change them."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Coalesce

from haidang.foundation.core import text


class Indicator(models.Model):
    """One entry of the dictionary of indicators (chỉ tiêu): what is measured and how."""

    class Direction(models.TextChoices):
        HIGHER = "higher", "càng cao càng tốt"
        LOWER = "lower", "càng thấp càng tốt"
        RANGE = "range", "trong khoảng cho phép"

    class Method(models.TextChoices):
        LAKE = "lake", "tính từ kho dữ liệu"
        FORMULA = "formula", "tính theo công thức"
        MANUAL = "manual", "đơn vị báo cáo"
        LIVE = "live", "đo trực tiếp"

    code = models.SlugField(unique=True)
    name = models.TextField()
    folded = models.TextField(editable=False, help_text="Code and name without accents, for search")
    sort_key = models.TextField(editable=False)
    sector = models.ForeignKey("org.Sector", models.PROTECT, related_name="+")
    description = models.TextField(blank=True, default="")
    unit_of_measure = models.TextField()
    decimals = models.PositiveSmallIntegerField(default=0)
    direction = models.TextField(choices=Direction)
    is_hazard = models.BooleanField(default=False, help_text="Hazard wording, not progress wording")
    shows_ratio = models.BooleanField(
        default=False, help_text="The headline is the ratio to the first issuer's plan"
    )
    period = models.TextField(help_text="Kind of period of calendar.periods")
    cycle = models.DurationField(help_text="Stale when the newest data end longer ago than this")
    method = models.TextField(choices=Method)
    spec = models.JSONField(default=dict, help_text="What the method needs; see rules.specs")
    owner = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    reporting_level = models.TextField(help_text="Level of the units that are expected to report")
    version = models.PositiveIntegerField(default=1)
    valid = DateRangeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(direction__in=["higher", "lower", "range"]), name="indicator_direction"
            ),
            models.CheckConstraint(
                condition=Q(method__in=["lake", "formula", "manual", "live"]),
                name="indicator_method",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.folded = text.fold(f"{self.name} {self.code}")
        self.sort_key = text.sort_key(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


def _whole(field: str) -> Func:
    """One id as a range, so that core gist (no btree_gist) can compare it."""
    return Func(
        F(field), F(field), Value("[]"), function="int8range", output_field=BigIntegerRangeField()
    )


def _whole_or_none(field: str) -> Func:
    zero = Coalesce(F(field), Value(0), output_field=models.BigIntegerField())
    return Func(zero, zero, Value("[]"), function="int8range", output_field=BigIntegerRangeField())


def _whole_word(field: str) -> Func:
    """A word's hash as a range; two words of one hash would only refuse too much."""
    hashed = Func(F(field), function="hashtext", output_field=models.IntegerField())
    number = Cast(hashed, models.BigIntegerField())
    return Func(
        number, number, Value("[]"), function="int8range", output_field=BigIntegerRangeField()
    )


class Threshold(models.Model):
    """When a figure is to be watched and when it is critical, from one day to another."""

    class Basis(models.TextChoices):
        VALUE = "value", "giá trị"
        PACE = "pace", "chênh lệch so tiến độ kế hoạch (điểm %)"
        PLAN = "plan", "chênh lệch so mức kế hoạch"
        LAST_YEAR = "last_year", "tăng, giảm so cùng kỳ (%)"

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="thresholds")
    unit = models.ForeignKey(
        "org.Unit", models.PROTECT, null=True, related_name="+", help_text="Empty: every unit"
    )
    level = models.TextField(
        blank=True, default="", help_text="Empty: units of every level; a unit's own comes first"
    )
    valid = DateRangeField()
    basis = models.TextField(choices=Basis, default=Basis.VALUE)
    watch = models.FloatField(help_text="Upper side of a range; the only side otherwise")
    critical = models.FloatField()
    watch_low = models.FloatField(null=True, help_text="Lower side, ranges only")
    critical_low = models.FloatField(null=True)
    hysteresis = models.FloatField(default=0, help_text="How far back before the state eases")
    minimum_seconds = models.PositiveIntegerField(
        default=0, help_text="How long the worse state must last"
    )
    legal_basis = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="threshold_one_at_a_time",
                expressions=[
                    (_whole("indicator_id"), "&&"),
                    (_whole_or_none("unit_id"), "&&"),
                    (_whole_word("level"), "&&"),
                    ("valid", "&&"),
                ],
            ),
            models.CheckConstraint(condition=Q(hysteresis__gte=0), name="threshold_hysteresis"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}: {self.watch} / {self.critical}"


class Target(models.Model):
    """What one issuer wants of one unit in one period: a plan amount, or a level to reach."""

    class Kind(models.TextChoices):
        AMOUNT = "amount", "kế hoạch"
        LEVEL = "level", "mục tiêu"

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="targets")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    period = DateRangeField()
    issuer = models.TextField(help_text="As shown: TTg, HĐND tỉnh…")
    issuer_unit = models.ForeignKey("org.Unit", models.PROTECT, null=True, related_name="+")
    rank = models.PositiveSmallIntegerField(default=1, help_text="1 gives the headline")
    kind = models.TextField(choices=Kind)
    amount = models.DecimalField(max_digits=20, decimal_places=4)
    legal_basis = models.TextField(blank=True, default="")
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "unit", "period", "issuer"],
                condition=Q(replaced_at__isnull=True),
                name="target_one_per_issuer",
            )
        ]

    def __str__(self) -> str:
        return f"{self.issuer}: {self.amount}"


class Proposal(models.Model):
    """A change of a threshold or a plan: proposed by one person, decided by another."""

    class Kind(models.TextChoices):
        THRESHOLD = "threshold", "ngưỡng"
        TARGET = "target", "kế hoạch"

    kind = models.TextField(choices=Kind)
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="proposals")
    unit = models.ForeignKey("org.Unit", models.PROTECT, null=True, related_name="+")
    content = models.JSONField()
    reason = models.TextField()
    proposed_by = models.ForeignKey("access.Account", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey("access.Account", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    is_accepted = models.BooleanField(null=True)
    note = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="proposal_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(
                    decided_by__isnull=True, decided_at__isnull=True, is_accepted__isnull=True
                )
                | Q(decided_by__isnull=False, decided_at__isnull=False, is_accepted__isnull=False),
                name="proposal_decided_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.indicator}"
