"""Posts, the people in them, and the authority that one of them lent to another."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.utils.translation import gettext_lazy as _

from haidang.foundation.org.models.dated import never_empty
from haidang.foundation.org.models.units import Unit


class Position(models.Model):
    """A post in a unit."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="positions")
    title = models.TextField(_("chức vụ"))
    is_head = models.BooleanField(_("người đứng đầu"), default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "title"], name="position_once_in_unit"),
        ]

    def __str__(self) -> str:
        return self.title


class Officer(models.Model):
    """A person in a position; an account points to one."""

    position = models.ForeignKey(Position, models.PROTECT, related_name="officers")
    name = models.TextField(_("họ và tên"))
    phone = models.TextField(_("điện thoại"), blank=True, default="")
    email = models.TextField(_("thư điện tử"), blank=True, default="")
    left_on = models.DateField(_("ngày thôi giữ"), null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Delegation(models.Model):
    """Authority that an officer lent to another for a time, as recorded on paper."""

    giver = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    receiver = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    subject = models.TextField(_("nội dung ủy quyền"))
    valid = DateRangeField(_("thời hạn"))
    basis = models.ForeignKey("org.LegalBasis", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            never_empty("delegation_has_days"),
            models.CheckConstraint(
                name="delegation_to_another",
                condition=~models.Q(giver=models.F("receiver")),
            ),
        ]

    def __str__(self) -> str:
        return self.subject
