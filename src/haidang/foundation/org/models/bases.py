from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.utils.translation import gettext_lazy as _

from haidang.foundation.org.models.dated import never_empty


class LegalBasis(models.Model):
    """A legal text that something rests on, and the days in which it is in force."""

    number = models.TextField(_("số, ký hiệu"), unique=True)
    title = models.TextField(_("trích yếu"))
    issued_by = models.TextField(_("cơ quan ban hành"))
    issued_date = models.DateField(_("ngày ban hành"))
    valid = DateRangeField(_("hiệu lực"))

    class Meta:
        constraints = [never_empty("legal_basis_has_days")]

    def __str__(self) -> str:
        return self.number
