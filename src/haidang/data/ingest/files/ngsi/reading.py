"""Documents of entities: one, a list, or the data of a notification; each is checked by itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from haidang.data.ingest.errors import UnreadableFileError
from haidang.data.ingest.files import objects
from haidang.data.ingest.files.ngsi import attributes
from haidang.data.ingest.files.ngsi.attributes import Wrong
from haidang.data.ingest.rules.layout import Layout
from haidang.data.ingest.rules.ngsi import converted
from haidang.data.ingest.rules.values import Reason
from haidang.foundation.core.text import fold

_OWN = {"id", "@id", "type", "@type", "@context", "scope", "createdAt", "modifiedAt", "deletedAt"}
_KEYWORDS = {"type", "id", "@type", "@id", "@context", "value", "object"}
_READ = {"application/json", "application/ld+json"}
_SHOWN = 300


def items(path: Path, declared: Layout, is_lines: bool = False) -> Iterator[objects.Item]:
    """Yield a row for each entity; one that is wrong waits, the others go on.

    Raises UnreadableFileError when nothing is an entity, or all of them are wrong.
    """
    made = [_item(place, one, declared) for place, one in _entities(path, is_lines)]
    if not made:
        raise UnreadableFileError(
            "Không có thực thể NGSI-LD nào. Gửi một thực thể, một danh sách, hoặc một thông báo "
            "(Notification) có “data”."
        )
    wrong = [item for item in made if len(item) == 3]
    if len(wrong) == len(made):
        more = f" Cả {len(made)} thực thể đều sai." if len(made) > 1 else ""
        raise UnreadableFileError(wrong[0][2].message + more)
    yield from made


def _entities(path: Path, is_lines: bool) -> Iterator[tuple[int, Any]]:
    if is_lines:
        for item in objects.of_lines(path, lambda seen: None):
            yield item[0], item[1] if len(item) == 2 else None
        return
    document = _opened(objects.parsed(path))
    if isinstance(document, dict) and document.get("type") == "Notification":
        document = _notified(document)
    listed = document if isinstance(document, list) else [document]
    yield from enumerate(listed, start=1)


def _opened(document: Any) -> Any:
    """Return the body of what came over MQTT: NGSI-LD puts the headers beside it as "metadata"."""
    if not isinstance(document, dict) or document.keys() != {"metadata", "body"}:
        return document
    headers = document["metadata"] if isinstance(document["metadata"], dict) else {}
    kinds = [str(said) for name, said in headers.items() if name.lower() == "content-type"]
    if any(kind.partition(";")[0].strip().lower() not in _READ for kind in kinds):
        raise UnreadableFileError(
            f"Thông báo ghi Content-Type “{kinds[0][:60]}”, chưa đọc được. Đặt “accept” của thuê "
            "bao là application/json hoặc application/ld+json."
        )
    return document["body"]


def _notified(document: dict[str, Any]) -> Any:
    """Return the entities of a notification; its @context is theirs."""
    if not isinstance(document.get("subscriptionId"), str):
        raise UnreadableFileError("Thông báo NGSI-LD thiếu “subscriptionId”.")
    data = document.get("data")
    if not isinstance(data, list | dict) or not data:
        raise UnreadableFileError("Thông báo NGSI-LD thiếu “data”, hoặc “data” trống.")
    return data


def _item(place: int, entity: Any, declared: Layout) -> objects.Item:
    try:
        return place, _row(entity, declared)
    except Wrong as error:
        name = entity.get("id") if isinstance(entity, dict) else None
        named = f" ({name})" if isinstance(name, str) and name else ""
        sentence = f"Thực thể {place}{named[:_SHOWN]}: {error}"
        shown = orjson.dumps(entity).decode()[:2000].replace("\x00", "\u2400")
        return place, {"": shown}, Reason("", "not_an_entity", sentence)


def _row(entity: Any, declared: Layout) -> dict[str, Any]:
    if not isinstance(entity, dict):
        raise Wrong("phải là một đối tượng JSON.")
    kind = _type_of(entity)
    if declared.entity_type and declared.entity_type not in kind:
        raise Wrong(f"kiểu “{', '.join(kind)}” không phải “{declared.entity_type}” của nguồn này.")
    row: dict[str, Any] = {"id": _id_of(entity), "type": kind[0]}
    observed = []
    for name, said in entity.items():
        if name in _OWN:
            continue
        if said is None:
            continue
        try:
            columns = dict(attributes.flat(name, said))
        except Wrong as error:
            raise Wrong(f"thuộc tính “{name}”: {error}") from None
        _in_wanted_unit(name, columns, declared)
        observed += [one for key, one in columns.items() if key == f"{name}.observedAt"]
        row |= {key: one for key, one in columns.items() if key not in row}
    return _wanted(_timed(row, observed), declared)


def _wanted(row: dict[str, Any], declared: Layout) -> dict[str, Any]:
    """Brokers send attributes as they come; where columns are declared, those alone are read."""
    if not declared.columns:
        return row
    return {name: row.get(said) for name, said in _names(row, declared).items()}


def _names(row: dict[str, Any], declared: Layout) -> dict[str, str]:
    """Return the declared headings, the same in every file, and the names that stand in the row."""
    here = {fold(name): name for name in row}
    return {heading: here.get(heading, heading) for heading in declared.columns}


def _timed(row: dict[str, Any], observed: list[str]) -> dict[str, Any]:
    """An entity without a time of its own was observed when its newest attribute was."""
    newest = max(observed, default=None)
    if newest is not None:
        row.setdefault("observedAt", newest)
        row.setdefault("dateObserved", newest)
    return row


def _id_of(entity: dict[str, Any]) -> str:
    said = entity.get("id", entity.get("@id"))
    if not isinstance(said, str) or not said.strip():
        raise Wrong("thiếu “id”.")
    if "@context" in entity and not attributes.is_uri(said):
        raise Wrong(f"“id” {said[:100]} phải là URI, ví dụ urn:ngsi-ld:AirQualityObserved:tram-01.")
    return said


def _type_of(entity: dict[str, Any]) -> list[str]:
    said = entity.get("type", entity.get("@type"))
    kinds = said if isinstance(said, list) else [said]
    if not kinds or not all(isinstance(one, str) and one.strip() for one in kinds):
        raise Wrong("thiếu “type” (kiểu thực thể).")
    if any(one in _KEYWORDS for one in kinds):
        raise Wrong(f"“type” không được là từ khóa “{kinds[0]}” của JSON-LD.")
    _check_context(entity.get("@context"))
    return [str(one).rpartition("/")[2].rpartition("#")[2] for one in kinds]


def _check_context(context: Any) -> None:
    """A @context is looked at, never fetched."""
    for one in context if isinstance(context, list) else [context]:
        if one is not None and not isinstance(one, str | dict):
            raise Wrong("“@context” phải là địa chỉ, đối tượng, hoặc danh sách của chúng.")


def _in_wanted_unit(name: str, columns: dict[str, Any], declared: Layout) -> None:
    wanted, code = declared.units.get(name), columns.get(f"{name}.unitCode")
    value = columns.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not wanted or code is None or not is_number:
        return
    said = converted(float(value), code, wanted)  # type: ignore[arg-type]  # a number, see above
    if said is None:
        raise Wrong(f"thuộc tính “{name}”: mã đơn vị đo “{code}” không đổi được sang {wanted}.")
    columns[name] = said
