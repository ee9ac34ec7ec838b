"""Whom a quality rule may tell of personal data: only who may see it as it is.

A rule that holds values against a personal field answers whether a value is there: whoever could
set one up, or try one, without the right to see the field would find persons by guessing.
"""

from collections.abc import Iterable

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.errors import IngestError
from haidang.data.ingest.queries import glasses
from haidang.data.ingest.rules import judging
from haidang.data.ingest.rules.judging import Spec
from haidang.foundation.access.api import Scope
from haidang.foundation.core.audit import Actor

PURPOSE = "Đặt và thử quy tắc chất lượng"


def columns(spec: Spec) -> list[str]:
    """Return the columns of its own dataset that a rule reads."""
    match spec:
        case judging.Compare():
            named: tuple[str, ...] = (spec.left, spec.right)
        case judging.Sum():
            named = (*spec.parts, spec.total)
        case judging.Total():
            named = (spec.field, *spec.by)
        case judging.Jump():
            named = (spec.field, *spec.series, spec.time)
        case _:
            named = (spec.field,)
    return list(dict.fromkeys(named))


def compared(spec: Spec) -> tuple[str, frozenset[str]]:
    """Return the other dataset of a rule and its fields that the rule asks about; "" for none."""
    match spec:
        case judging.Reference():
            return spec.dataset, frozenset({spec.to})
        case judging.Total():
            return spec.dataset, frozenset({spec.total, *spec.by})
        case _:
            return "", frozenset()


def quotes_personal(spec: Spec) -> bool:
    """Tell whether sentences of a rule would quote personal data of the other dataset."""
    dataset, fields = compared(spec)
    return bool(dataset) and not fields.isdisjoint(catalogue.personal_fields(dataset))


def require(spec: Spec, dataset: str, by: Scope | Actor) -> None:
    """Raise IngestError where a rule of a dataset asks about a field that is closed to a scope."""
    if isinstance(by, Actor):
        return
    _require_open(dataset, columns(spec), by)
    other, fields = compared(spec)
    if other:
        _require_open(other, fields, by)


def _require_open(dataset: str, fields: Iterable[str], scope: Scope) -> None:
    masked = glasses.glass(dataset, scope, PURPOSE).masked
    closed = [name for name in fields if name in masked]
    if not closed:
        return
    contract = catalogue.contract(dataset)
    titles = {one.name: one.title for one in contract.fields}
    raise IngestError(
        f"Quy tắc hỏi đến “{titles.get(closed[0], closed[0])}” của bộ dữ liệu “{contract.title}”, "
        "là dữ liệu cá nhân mà bạn chưa được xem. Nhờ người có quyền xem dữ liệu cá nhân của bộ "
        "này khai và thử quy tắc."
    )
