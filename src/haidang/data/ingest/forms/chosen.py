"""A list in which leaving things to the system is an answer of its own."""

from typing import Any

from django import forms


class Chosen(forms.ChoiceField):
    """A choice whose empty entry ("tự nhận") is an answer, so that nothing is optional about it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=True, **kwargs)

    def validate(self, value: Any) -> None:
        """Take the empty entry; refuse what is not offered."""
        if value:
            super().validate(value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Let the browser send the empty entry."""
        widget.is_required = False
        return super().widget_attrs(widget)
