"""What an administrator says about a day."""

from django import forms
from django.utils.translation import gettext_lazy as _


class OverrideForm(forms.Form):
    """A day that is worked or free, whatever the law's calendar says."""

    day = forms.DateField(
        label=_("Ngày"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    is_working = forms.TypedChoiceField(
        label=_("Là"),
        choices=[("0", _("Ngày nghỉ")), ("1", _("Ngày làm việc"))],
        coerce=lambda said: said == "1",
    )
    name = forms.CharField(label=_("Lý do, văn bản"), max_length=200)
