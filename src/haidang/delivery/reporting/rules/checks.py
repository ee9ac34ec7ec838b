"""What is wrong with the values of a report, how to mend it, and what is merely unusual."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from haidang.delivery.reporting.rules import numbers

Values = Mapping[str, Decimal | None]
_NOISE = 5  # a difference of less says nothing, however many times it is
ERROR, UNUSUAL, MISSING = "error", "unusual", "missing"


@dataclass(frozen=True)
class ItemSpec:
    """One line of a form."""

    code: str
    title: str
    unit_of_measure: str = ""
    decimals: int = 0
    required: bool = True
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    jump: Decimal | None = None  # so many times the value before is unusual
    hint: str = ""
    indicator: str = ""  # where the value goes
    prefill: str = ""  # the indicator that the value comes from
    prefill_how: str = "sum"  # over the period: sum, last, mean


@dataclass(frozen=True)
class PairCheck:
    """A line that may not exceed another."""

    smaller: str
    larger: str


@dataclass(frozen=True)
class Finding:
    """Something about one line: an error, an unusual value, a value still missing."""

    item: str
    kind: str
    text: str


@dataclass(frozen=True)
class FormSpec:
    """The lines of a form and the checks between them."""

    items: Sequence[ItemSpec]
    pairs: Sequence[PairCheck] = field(default_factory=tuple)

    def item(self, code: str) -> ItemSpec:
        """Return a line by its code. Raises KeyError."""
        return next(item for item in self.items if item.code == code)


def findings(
    form: FormSpec,
    values: Values,
    *,
    before: Values,
    explained: frozenset[str] = frozenset(),
) -> list[Finding]:
    """Return all that is to be said about the values, in the order of the lines.

    `before` are the values of the last period; a line that is `explained` (confirmed, or with a
    note) is neither unusual nor in conflict with another.
    """
    found = [one for item in form.items for one in _of_item(item, values, before, explained)]
    found += _of_pairs(form, values, explained)
    wrong = {one.item for one in found if one.kind == ERROR}
    return [one for one in found if one.kind != UNUSUAL or one.item not in wrong]


def blocking(found: Sequence[Finding]) -> list[Finding]:
    """Return what must be settled before the report may be sent."""
    return [one for one in found if one.kind in {ERROR, UNUSUAL, MISSING}]


def _of_item(
    item: ItemSpec, values: Values, before: Values, explained: frozenset[str]
) -> Iterator[Finding]:
    value = values.get(item.code)
    if value is None:
        if item.required:
            yield Finding(item.code, MISSING, "Chưa nhập.")
        return
    yield from _limits(item, value)
    if item.code not in explained:
        yield from _jump(item, value, before.get(item.code))


def _limits(item: ItemSpec, value: Decimal) -> Iterator[Finding]:
    if item.minimum is not None and value < item.minimum:
        yield Finding(item.code, ERROR, f"Không được nhỏ hơn {numbers.write(item.minimum)}.")
    if item.maximum is not None and value > item.maximum:
        yield Finding(item.code, ERROR, f"Không được lớn hơn {numbers.write(item.maximum)}.")
    if -value.normalize().as_tuple().exponent > item.decimals:  # type: ignore[operator]
        said = f"tối đa {item.decimals} chữ số thập phân" if item.decimals else "số nguyên"
        yield Finding(item.code, ERROR, f"Chỉ nhận {said}.")


def _jump(item: ItemSpec, value: Decimal, before: Decimal | None) -> Iterator[Finding]:
    if item.jump is None or not before or abs(value - before) < _NOISE:
        return
    times = value / before
    if times >= item.jump:
        said = f"Gấp {numbers.write(round(times, 1))} lần kỳ trước ({numbers.write(before)})."
    elif times * item.jump <= 1:
        said = f"Thấp hơn nhiều so với kỳ trước ({numbers.write(before)})."
    else:
        return
    yield Finding(item.code, UNUSUAL, f"{said} Đúng thì chọn “Xác nhận”.")


def _of_pairs(form: FormSpec, values: Values, explained: frozenset[str]) -> Iterator[Finding]:
    for pair in form.pairs:
        small, large = values.get(pair.smaller), values.get(pair.larger)
        if small is None or large is None or small <= large or pair.smaller in explained:
            continue
        title = form.item(pair.larger).title
        said = f"Lớn hơn “{title}” ({numbers.write(large)}). Sửa một trong hai ô, hoặc ghi lý do."
        yield Finding(pair.smaller, ERROR, said)
