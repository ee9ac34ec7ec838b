"""What was filled in, checked against the declared fields; secrets set apart."""

from collections.abc import Callable, Mapping
from typing import Any

from haidang.data.ingest.connectors.protocol import Field, Kind
from haidang.data.ingest.errors import SettingsError

_MOST = 8000


def cleaned(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of every field of the connector.

    Raises SettingsError with a sentence for each field that is wrong.
    """
    faults: dict[str, str] = {}
    values: dict[str, Any] = {}
    known = {field.name for field in kind.fields}
    faults |= {name: f"Không có mục “{name}”." for name in given if name not in known}
    for field in kind.fields:
        try:
            values[field.name] = _value(field, given.get(field.name))
        except ValueError as error:
            faults[field.name] = f"{field.label}: {error}"
    if faults:
        raise SettingsError(faults)
    kind.check(values)
    return values


def parted(kind: Kind, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what may be shown, and the secrets."""
    secret = {field.name for field in kind.fields if field.is_secret}
    shown = {name: value for name, value in values.items() if name not in secret}
    return shown, {name: values[name] for name in secret if values.get(name)}


def with_secrets(
    kind: Kind, given: Mapping[str, Any], before: Mapping[str, Any], secrets: Mapping[str, str]
) -> dict[str, Any]:
    """Return `given` with the kept secrets that were not typed anew.

    They are left out where an address changed: nobody has them sent to a server of his own.
    """
    stays = all(
        _same(given.get(field.name, field.default), before.get(field.name))
        for field in kind.fields
        if field.binds
    )
    kept = secrets if stays else {}
    return {**kept, **{name: value for name, value in given.items() if value or name not in kept}}


def _same(one: Any, other: Any) -> bool:
    return str(one or "").strip() == str(other or "").strip()


def _value(field: Field, given: Any) -> Any:
    if given in (None, ""):
        given = field.default
    if given in (None, ""):
        if field.required:
            raise ValueError("chưa điền.")
        return False if field.type == "flag" else None if field.type == "whole" else ""
    return _READERS[field.type](field, given)


def _text(field: Field, given: Any) -> str:
    said = str(given).strip()
    if len(said) > _MOST or "\x00" in said:
        raise ValueError(f"dài quá {_MOST} ký tự hoặc có ký tự lạ.")
    return said


def _secret(field: Field, given: Any) -> str:
    if len(str(given)) > _MOST:
        raise ValueError(f"dài quá {_MOST} ký tự.")
    return str(given)


def _whole(field: Field, given: Any) -> int:
    try:
        number = int(given)
    except (TypeError, ValueError):
        raise ValueError("ghi một số nguyên.") from None
    if field.minimum is not None and number < field.minimum:
        raise ValueError(f"nhỏ nhất là {field.minimum}.")
    if field.maximum is not None and number > field.maximum:
        raise ValueError(f"lớn nhất là {field.maximum}.")
    return number


def _flag(field: Field, given: Any) -> bool:
    return str(given).lower() in {"1", "true", "on", "yes"}


def _choice(field: Field, given: Any) -> str:
    if str(given) not in dict(field.choices):
        offered = ", ".join(f"“{word}”" for _, word in field.choices)
        raise ValueError(f"chọn một trong: {offered}.")
    return str(given)


_READERS: Mapping[str, Callable[[Field, Any], Any]] = {
    "text": _text,
    "lines": _text,
    "secret": _secret,
    "key": _secret,
    "whole": _whole,
    "flag": _flag,
    "choice": _choice,
}
