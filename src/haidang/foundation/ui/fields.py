"""One form field with what a reader of the screen needs: described by its help and its errors."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField


def context(bound: BoundField, *, unit: str, source: str, unusual: str) -> dict[str, Any]:
    """Return what ui/_field.html shows."""
    return {
        "field": bound,
        "control": bound.as_widget(attrs=_attributes(bound, unusual)),
        "id": bound.id_for_label,
        "unit": unit,
        "source": source,
        "unusual": unusual,
        "is_check": isinstance(bound.field.widget, forms.CheckboxInput),
        "is_group": isinstance(
            bound.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple
        ),
    }


def _attributes(bound: BoundField, unusual: str) -> dict[str, str | bool]:
    name = bound.id_for_label or bound.auto_id
    notes = {
        f"{name}-hint": bool(bound.help_text),
        f"{name}-unusual": bool(unusual),
        f"{name}-error": bool(bound.errors),
    }
    described = " ".join(note for note, present in notes.items() if present)
    attributes: dict[str, str | bool] = {"aria-describedby": described} if described else {}
    if bound.errors:
        attributes["aria-invalid"] = "true"
    return attributes
