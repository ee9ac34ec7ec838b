"""What a reader of the catalogue asks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from haidang.foundation.org import api as org


class DatasetFilter(forms.Form):
    """Which datasets to list."""

    q = forms.CharField(label=_("Tìm theo tên"), required=False, max_length=100)
    sector = forms.ChoiceField(label=_("Lĩnh vực"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(sector.code, sector.name) for sector in org.sectors()]
        field = self.fields["sector"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Tất cả")), *choices]

    def asked(self) -> dict[str, str]:
        """Return what narrows the list; nothing when the question is not understood."""
        if not self.is_valid():
            return {}
        return {"search": self.cleaned_data["q"], "sector": self.cleaned_data["sector"]}
