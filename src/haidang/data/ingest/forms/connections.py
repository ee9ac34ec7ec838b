"""The form of a connection: made from what its connector declares, and its schedule."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from haidang.data.ingest.connectors.protocol import Field, Kind
from haidang.data.ingest.forms.chosen import Chosen
from haidang.data.ingest.models import Connection
from haidang.data.ingest.rules.pulling import WEEKDAYS, Schedule

_PREFIX = "s-"
_SCHEDULE = ("cadence", "every", "at", "weekday", "month_day")
_KEPT = _("Đã có. Để trống là giữ nguyên.")


class _Hidden(forms.Textarea):
    """Lines that are typed and never shown again."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, "", attrs)


class ConnectionForm(forms.Form):
    """Settings by the connector's fields, the schedule, the reason."""

    use_required_attribute = False

    title = forms.CharField(
        label=_("Tên kết nối"), max_length=200, help_text=_("Ví dụ: Máy chủ của Sở Y tế.")
    )
    cadence = forms.ChoiceField(label=_("Lịch lấy"), choices=Connection.Cadence.choices)
    every = forms.IntegerField(
        label=_("Cứ mỗi (phút)"), required=False, min_value=1, max_value=10_080
    )
    at = forms.TimeField(
        label=_("Lúc"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Cho lịch hằng ngày, tuần, tháng."),
    )
    weekday = forms.TypedChoiceField(
        label=_("Thứ"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "–"), *((str(at), word) for at, word in enumerate(WEEKDAYS))],
        help_text=_("Cho lịch hằng tuần."),
    )
    month_day = forms.IntegerField(
        label=_("Ngày trong tháng"),
        required=False,
        min_value=1,
        max_value=28,
        help_text=_("Cho lịch hằng tháng, từ 1 đến 28."),
    )
    is_active = forms.BooleanField(label=_("Đang dùng kết nối này"), required=False, initial=True)
    reason = forms.CharField(
        label=_("Lý do"),
        required=False,
        max_length=500,
        help_text=_("Cần khi lưu; ghi vào nhật ký, ví dụ “Theo công văn số 12/STNMT”."),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        kind: Kind,
        kept: frozenset[str],
        **more: Any,
    ) -> None:
        """`kept` names the secrets that are already known and need not be typed."""
        super().__init__(data, **more)
        self.kind = kind
        for field in kind.fields:
            self.fields[_PREFIX + field.name] = _made(field, is_kept=field.name in kept)

    @property
    def setting_fields(self) -> list[forms.BoundField]:
        return [self[_PREFIX + field.name] for field in self.kind.fields]

    @property
    def schedule_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in _SCHEDULE]

    def settings(self) -> dict[str, Any]:
        """Return what was filled in, by the names of the connector's fields."""
        given = {
            field.name: self.cleaned_data.get(_PREFIX + field.name) for field in self.kind.fields
        }
        return {name: "" if value is None else value for name, value in given.items()}

    def schedule(self) -> Schedule:
        said = self.cleaned_data
        cadence = said["cadence"]
        day = {"weekly": said["weekday"], "monthly": said["month_day"]}.get(cadence)
        every = said["every"] if cadence == "minutes" else None
        is_timed = cadence in {"daily", "weekly", "monthly"}
        at: dt.time | None = said["at"] if is_timed else None
        return Schedule(cadence, every, at, day)

    def show(self, faults: Mapping[str, str]) -> None:
        """Write what was found wrong beside its field."""
        for name, sentence in faults.items():
            known = _PREFIX + name in self.fields
            self.add_error(_PREFIX + name if known else None, sentence)


def initial(found: Connection) -> dict[str, Any]:
    """Return what a form of a kept connection begins with; never a secret."""
    day = {"weekly": "weekday", "monthly": "month_day"}.get(found.cadence)
    return {
        **{_PREFIX + name: value for name, value in found.settings.items()},
        **({day: found.day} if day else {}),
        "title": found.title,
        "cadence": found.cadence,
        "every": found.every,
        "at": found.at,
        "is_active": found.is_active,
    }


def learned(data: Mapping[str, Any], found: Mapping[str, str]) -> dict[str, Any]:
    """Return the sent data with what a trial found out, for the person to confirm."""
    said = {name: data[name] for name in data}
    return said | {_PREFIX + name: value for name, value in found.items()}


def _made(field: Field, *, is_kept: bool) -> forms.Field:
    given: dict[str, Any] = {
        "label": field.label,
        "help_text": field.help,
        "required": field.required and not is_kept,
        "initial": field.default,
        "error_messages": {"required": _("Chưa điền ô này.")},
    }
    match field.type:
        case "flag":
            return forms.BooleanField(**given | {"required": False})
        case "whole":
            lowest, highest = field.minimum, field.maximum
            return forms.IntegerField(min_value=lowest, max_value=highest, **given)
        case "choice":
            given.pop("required")
            return Chosen(choices=list(field.choices), **given)
        case "lines":
            return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), **given)
        case "key":
            if is_kept:
                given["help_text"] = _KEPT
            return forms.CharField(widget=_Hidden(attrs={"rows": 4}), strip=False, **given)
        case "secret":
            if is_kept:
                given["help_text"] = _KEPT
            typed = forms.PasswordInput(attrs={"autocomplete": "new-password"})
            return forms.CharField(widget=typed, strip=False, **given)
    return forms.CharField(max_length=4000, **given)
