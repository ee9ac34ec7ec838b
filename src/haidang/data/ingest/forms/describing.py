"""A dataset as its sample suggests it, and as a person wants it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from haidang.data.catalogue.api import FieldSpec
from haidang.data.ingest.actions.describing import Draft, mapping_of
from haidang.data.ingest.forms.chosen import Chosen
from haidang.data.ingest.rules import cycles
from haidang.foundation.access.api import Scope
from haidang.foundation.org import api as org

TYPES = [
    ("string", "chữ"),
    ("integer", "số nguyên"),
    ("number", "số"),
    ("boolean", "có/không"),
    ("date", "ngày"),
    ("datetime", "ngày giờ"),
    ("year", "năm"),
    ("yearmonth", "tháng"),
    ("unit", "đơn vị hành chính"),
]
_CODE = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
_BAD_CODE = _("Chỉ dùng chữ thường không dấu, số và gạch nối; chữ đứng đầu.")
_FILE = forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xml,.json,.jsonl,.geojson"})


class Row(NamedTuple):
    """The controls of one proposed field, and what the sample says about it."""

    heading: str
    why: str
    examples: str
    controls: dict[str, forms.BoundField]


class NewSampleForm(forms.Form):
    """The file that a dataset is described by."""

    file = forms.FileField(
        label=_("Tệp mẫu"),
        error_messages={
            "required": _("Chưa chọn tệp. Chọn tệp CSV, XLSX, XML, JSON hoặc GeoJSON."),
            "empty": _("Tệp trống (0 byte). Chọn lại tệp."),
        },
        widget=_FILE,
    )
    sheet = forms.CharField(
        label=_("Trang tính"),
        required=False,
        max_length=100,
        help_text=_("Để trống: trang đầu tiên đang hiện của sổ tính."),
    )
    keep_wide = forms.BooleanField(
        label=_("Giữ nguyên các cột năm, không xoay thành dòng"), required=False
    )


class DescribeForm(forms.Form):
    """The dataset, its first source, and a row of controls for each field."""

    use_required_attribute = False

    title = forms.CharField(label=_("Tên bộ dữ liệu"), max_length=300)
    dataset = forms.RegexField(
        label=_("Mã bộ dữ liệu"),
        regex=_CODE,
        max_length=60,
        help_text=_("Ví dụ cho-sieu-thi. Không đổi được."),
        error_messages={"invalid": _BAD_CODE},
    )
    supplier = forms.TypedChoiceField(label=_("Đơn vị chủ quản và cung cấp"), coerce=int)
    sector = Chosen(label=_("Lĩnh vực"))
    source_title = forms.CharField(label=_("Tên nguồn"), max_length=300)
    source = forms.RegexField(
        label=_("Mã nguồn"),
        regex=_CODE,
        max_length=80,
        help_text=_("Ví dụ cho-sieu-thi-nam. Không đổi được."),
        error_messages={"invalid": _BAD_CODE},
    )
    cycle = Chosen(label=_("Chu kỳ cung cấp"), choices=list(cycles.WORDS.items()))

    def __init__(
        self, data: Any = None, *, said: Mapping[str, Any], scope: Scope, **given: Any
    ) -> None:
        self.said = said
        super().__init__(data, **given)
        mine, sectors = scope.units("ingest.manage"), scope.sectors("ingest.manage")
        units = [one for one in org.all_units() if one.id in mine]
        self._offer(
            "supplier",
            [("", "– chọn –"), *((str(one.id), f"{one.name} ({one.code})") for one in units)],
        )
        known = [one for one in org.sectors() if sectors is None or one.code in sectors]
        whole = [("", "nhiều lĩnh vực")] if sectors is None else []
        self._offer("sector", [*whole, *((one.code, one.name) for one in known)])
        for at, one in enumerate(said["fields"]):
            self._add(at, one)

    def _offer(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]  # a ChoiceField

    def _add(self, at: int, one: Mapping[str, Any]) -> None:
        codes = "; ".join(one["codes"])
        named = one["heading"] or one["title"]
        controls: dict[str, forms.Field] = {
            "use": forms.BooleanField(label=f"Nạp {named}", required=False, initial=True),
            "title": forms.CharField(
                label=f"Tên của {named}", max_length=200, initial=one["title"]
            ),
            "type": forms.ChoiceField(
                label=f"Kiểu của {named}", choices=TYPES, initial=one["type"]
            ),
            "unit": forms.CharField(
                label=f"Đơn vị đo của {named}",
                required=False,
                max_length=40,
                initial=one["unit_of_measure"],
            ),
            "key": forms.BooleanField(label=f"{named} là khóa", required=False, initial=one["key"]),
            "required": forms.BooleanField(
                label=f"{named} bắt buộc", required=False, initial=one["required"]
            ),
            "codes": forms.CharField(
                label=f"Danh mục của {named}", required=False, max_length=2000, initial=codes
            ),
            "minimum": _limit(f"Thấp nhất của {named}", one["minimum"]),
            "maximum": _limit(f"Cao nhất của {named}", one["maximum"]),
        }
        for control in controls.values():
            control.widget.attrs["aria-label"] = control.label
        self.fields |= {f"f{at}-{name}": control for name, control in controls.items()}

    @property
    def own_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.base_fields]

    @property
    def rows(self) -> list[Row]:
        names = ("use", "title", "type", "unit", "key", "required", "codes", "minimum", "maximum")
        return [
            Row(
                one["heading"],
                one["why"],
                self._examples(one["heading"]),
                {name: self[f"f{at}-{name}"] for name in names},
            )
            for at, one in enumerate(self.said["fields"])
        ]

    def _examples(self, heading: str) -> str:
        if not heading:
            return ""
        place = [text.strip() for text in self.said["headings"]].index(heading)
        rows = self.said["shown"]
        cells = (row[place].strip()[:40] for row in rows if place < len(row))
        return " · ".join([cell for cell in cells if cell][:3])

    def clean(self) -> dict[str, Any]:
        """Refuse a dataset without a key."""
        said = super().clean() or {}
        used = [at for at in range(len(self.said["fields"])) if said.get(f"f{at}-use")]
        if not any(said.get(f"f{at}-key") for at in used):
            self.add_error(None, _("Chọn ít nhất một trường khóa để nhận ra dòng trùng."))
        return said

    def draft(self) -> Draft:
        """Return the dataset and source as they are now said."""
        said = self.cleaned_data
        fields, fed = [], {}
        for at, one in enumerate(self.said["fields"]):
            if not said[f"f{at}-use"]:
                continue
            fields.append(self._spec(at, one))
            if one["heading"]:
                fed[one["heading"]] = one["name"]
        mapping = mapping_of(self.said["headings"], self.said["mapping"], fed, fields)
        return Draft(
            dataset=said["dataset"],
            title=said["title"],
            fields=fields,
            source=said["source"],
            source_title=said["source_title"],
            supplier_unit_id=said["supplier"],
            sector=said["sector"],
            cycle=said["cycle"],
            encoding=self.said["encoding"],
            mapping=mapping,
        )

    def _spec(self, at: int, one: Mapping[str, Any]) -> FieldSpec:
        said = {
            name: self.cleaned_data[f"f{at}-{name}"]
            for name in ("title", "type", "unit", "key", "required", "codes", "minimum", "maximum")
        }
        is_number = said["type"] in {"integer", "number"}
        codes = tuple(word.strip() for word in said["codes"].split(";") if word.strip())
        return FieldSpec(
            name=one["name"],
            title=said["title"],
            type=said["type"],
            unit_of_measure=said["unit"],
            required=said["required"] or said["key"],
            key=said["key"],
            codes=codes if said["type"] == "string" else (),
            minimum=said["minimum"] if is_number else None,
            maximum=said["maximum"] if is_number else None,
            personal_data=one["personal_data"],
        )


def _limit(label: str, said: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        max_digits=30,
        decimal_places=10,
        initial=Decimal(said) if said else None,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
