"""How the columns of a sample become the fields of a contract, as a steward says it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from haidang.data.catalogue.api import ContractSpec
from haidang.data.ingest.files import peeking
from haidang.data.ingest.forms.chosen import Chosen
from haidang.data.ingest.rules import matching, shape
from haidang.data.ingest.rules.layout import LOCAL, layout
from haidang.foundation.core.text import fold

_ZONES = {"": "Giờ Việt Nam", "UTC": "Giờ quốc tế (UTC)"}
_DECIMALS = [("", "tự nhận"), (",", "dấu phẩy: 1.234,5"), (".", "dấu chấm: 1,234.5")]
_EXAMPLES = 3
_PARTS = ("columns", "sheet", "header_row", "header_rows", "decimal", "timezone", "missing",
          "future", "constants")  # fmt: skip


class SampleForm(forms.Form):
    """One file of the unit, to declare its columns by."""

    file = forms.FileField(
        label=_("Tệp mẫu"),
        error_messages={
            "required": _("Chưa chọn tệp. Chọn tệp CSV, XLSX, XML, JSON hoặc GeoJSON."),
            "empty": _("Tệp trống (0 byte). Chọn lại tệp."),
        },
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,.xml,.json,.jsonl,.geojson"}),
    )


class MappingForm(forms.Form):
    """A choice of field for each column of the sample, and how its cells are written."""

    use_required_attribute = False

    sheet = Chosen(label=_("Trang tính"))
    header_row = forms.IntegerField(
        label=_("Dòng tiêu đề"),
        required=False,
        min_value=1,
        max_value=peeking.ROWS,
        help_text=_("Để trống: tự nhận."),
    )
    header_rows = forms.IntegerField(
        label=_("Tiêu đề cao mấy dòng"),
        required=False,
        min_value=1,
        max_value=5,
        help_text=_("Để trống: tự nhận theo ô gộp."),
    )
    decimal = Chosen(label=_("Dấu thập phân"), choices=_DECIMALS)
    timezone = Chosen(label=_("Múi giờ của ngày giờ trong tệp"))
    missing = forms.CharField(
        label=_("Chữ ghi khi không có số liệu"),
        required=False,
        max_length=200,
        help_text=_(
            "Cách nhau bằng dấu chấm phẩy, ví dụ n/a; không có. Đã biết: ô trống, “..”, “-”."
        ),
    )
    future = forms.BooleanField(
        label=_("Số liệu kế hoạch: thời gian có thể ở tương lai"), required=False
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        sample: peeking.Peek,
        contract: ContractSpec,
        before: Mapping[str, Any],
    ) -> None:
        self.sample, self.contract, self.before = sample, contract, before
        super().__init__(data, initial=_initial(before))
        names = [one.name for one in sample.leaves]
        self._offer("sheet", [("", "trang đầu tiên"), *((name, name) for name in names if name)])
        zone = str(before.get("timezone", ""))
        zones = _ZONES if zone in {*_ZONES, LOCAL} else _ZONES | {zone: zone}
        self._offer("timezone", list(zones.items()))
        self._place(data)
        self._add_columns(data)
        for each in contract.fields:
            self.fields[f"const-{each.name}"] = forms.CharField(
                label=each.title,
                required=False,
                max_length=200,
                initial=(before.get("constants") or {}).get(each.name, ""),
            )

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def _place(self, data: QueryDict | None) -> None:
        """Find the heading where the steward says, else where it is known by its names."""
        said = data if data is not None else self.initial
        sheet = str(said.get("sheet") or "")
        self.leaf = self.sample.leaf(
            sheet if sheet in {one.name for one in self.sample.leaves} else ""
        )
        rows = {
            name: int(value)
            for name in ("header_row", "header_rows")
            if (value := str(said.get(name) or "")).isdecimal() and 1 <= int(value) <= 1000
        }
        given = {"header_row": None, "header_rows": None} | rows
        self.declared = layout(matching.mapping(self.before, **given))
        known = shape.known_headings(self.contract.fields, self.declared)
        self.first, self.below = peeking.headed(self.leaf, self.declared, known)
        self.headings = peeking.headings(self.leaf, self.first, self.below)
        self.stood = f"{self.leaf.name}:{self.first}:{self.below}"

    def _add_columns(self, data: QueryDict | None) -> None:
        guessed = matching.match(self.headings, self.contract.fields, self.declared)
        choices = [("", "– không nạp –"), *((one.name, one.title) for one in self.contract.fields)]
        if data is not None and data.get("stood") != self.stood:  # other headings than were asked
            data = data.copy()
            for place, name in enumerate(guessed):
                data[f"col-{place}"] = name
            self.data = data
        for place, heading in enumerate(self.headings):
            if heading.strip():
                self.fields[f"col-{place}"] = Chosen(
                    label=heading,
                    choices=choices,
                    initial=guessed[place],
                    help_text=self._examples(place),
                )

    def _examples(self, place: int) -> str:
        cells = (row[place] for row in self.leaf.cells[self.below :] if place < len(row))
        some = [cell.strip()[:40] for cell in cells if cell.strip()][:_EXAMPLES]
        return "Ví dụ: " + " · ".join(some) if some else "Cột không có giá trị nào."

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("col-")]

    @property
    def option_fields(self) -> list[forms.BoundField]:
        """Return how cells are written; where they stand only in a table."""
        hidden = {"sheet", "header_row", "header_rows"} if self.leaf.is_named else set()
        hidden |= set() if len(self.sample.leaves) > 1 else {"sheet"}
        return [self[name] for name in self.base_fields if name not in hidden]

    @property
    def constant_fields(self) -> list[forms.BoundField]:
        """Return the fields that no column gives."""
        given = {bound.value() for bound in self.column_fields}
        return [self[f"const-{one.name}"] for one in self.contract.fields if one.name not in given]

    @property
    def lacking(self) -> list[str]:
        """Return the titles of the needed fields that nothing gives yet."""
        given = {bound.value() for bound in self.column_fields}
        return [
            one.title
            for one in self.contract.fields
            if (one.required or one.key) and one.name not in given
            if not self[f"const-{one.name}"].value()
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse two columns for one field, and two columns of one name."""
        said = super().clean() or {}
        taken: dict[str, str] = {}
        named: set[str] = set()
        for place, heading in enumerate(self.headings):
            chosen = said.get(f"col-{place}", "")
            if chosen and chosen in taken:
                self.add_error(f"col-{place}", f"Trường này đã ghép với cột “{taken[chosen]}”.")
            if chosen and fold(heading) in named:
                self.add_error(f"col-{place}", "Tệp có hai cột cùng tên. Đổi tên một cột.")
            if chosen:
                taken[chosen] = heading
            named.add(fold(heading))
        return said

    def mapping(self) -> dict[str, Any]:
        """Return the mapping as it is now said; what this page does not ask stays."""
        said = self.cleaned_data
        chosen = [said.get(f"col-{place}", "") for place in range(len(self.headings))]
        constants = {
            each.name: said[f"const-{each.name}"]
            for each in self.contract.fields
            if each.name not in chosen and said[f"const-{each.name}"]
        }
        parts = {name: said.get(name) for name in _PARTS}
        if self.leaf.is_named:
            parts["records"] = self.sample.records
        parts |= {
            "columns": matching.columns(
                self.headings, chosen, self.contract.fields, self.before.get("columns") or {}
            ),
            "missing": [word.strip() for word in said["missing"].split(";") if word.strip()],
            "constants": constants,
        }
        return matching.mapping(self.before, **parts)


def _initial(before: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: before.get(name) for name in _PARTS if name not in ("columns", "constants")}
    zone = given["timezone"] or ""
    return given | {
        "missing": "; ".join(map(str, before.get("missing") or [])),
        "timezone": "" if zone == LOCAL else zone,
    }
