"""What administrators say about days and hours."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DayOverride(models.Model):
    """A day that the Government or the province decided otherwise than the law's calendar."""

    day = models.DateField(_("ngày"), unique=True)
    is_working = models.BooleanField(_("ngày làm việc"))
    name = models.TextField(_("lý do"))

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y}"


class OfficeHours(models.Model):
    """The hours of a worked day: of everybody (owner empty), or of one unit by its code."""

    owner = models.TextField(_("mã đơn vị"), unique=True, blank=True, default="")
    shifts = models.JSONField(_("ca làm việc"), help_text='[["07:30", "11:30"], …]')
    saturday = models.BooleanField(_("làm việc thứ bảy"), default=False)

    def __str__(self) -> str:
        return self.owner
