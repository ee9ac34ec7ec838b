"""Fields of our own: a list in which leaving things to the system is an answer; any number."""

from typing import Any

from django import forms

from haidang.data.ingest.rules import registers


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


class Number(forms.CharField):
    """A number with a comma or a point: of "10.980" nobody makes ten thousand."""

    def to_python(self, value: Any) -> float | None:  # type: ignore[override]
        """Return the number; nothing is None."""
        try:
            return registers.number(str(value or "").strip())
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def run_validators(self, value: Any) -> None:
        """A number has no length."""

    def prepare_value(self, value: Any) -> Any:
        """Show a number as it is written here."""
        return value if isinstance(value, str) else registers.shown(value)
