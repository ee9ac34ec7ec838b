"""Classes of personal data and how much of each is shown to whom may not see it.

A mask says at most: the last three signs of a number, the initials of a name, the widest place of
an address, the year of a birth; of health and of everything else nothing, not even whether it is
there.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

DOTS = "•••"
_SHORTEST_NUMBER = 9  # of a number that still says nothing when three signs of it are shown
_YEAR = re.compile(r"(?:^|\D)((?:18|19|20)\d\d)(?:\D|$)")


@dataclass(frozen=True)
class PersonalClass:
    """One class: its code in contracts, its name, whether a purpose must be stated to see it."""

    code: str
    title: str
    mask: Callable[[Any], Any]
    needs_purpose: bool = True


def _number(value: Any) -> Any:
    if value is None:
        return None
    text = re.sub(r"[\s.\-]", "", str(value))
    return f"{DOTS}{text[-3:]}" if len(text) >= _SHORTEST_NUMBER else DOTS


def _name(value: Any) -> Any:
    if value is None:
        return None
    initials = [word[0].upper() for word in str(value).split()]
    return ".".join(initials) + "." if initials else DOTS


def _address(value: Any) -> Any:
    if value is None:
        return None
    near, comma, widest = str(value).rpartition(",")
    return f"{DOTS}, {widest.strip()}" if comma and near.strip() and widest.strip() else DOTS


def _birth(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, dt.date):
        return f"••/••/{value.year}"
    found = _YEAR.search(str(value))
    return f"••/••/{found[1]}" if found else DOTS


def _closed(value: Any) -> Any:
    return DOTS


CLASSES: Mapping[str, PersonalClass] = {
    one.code: one
    for one in (
        PersonalClass("identity", "Số định danh, giấy tờ tùy thân", _number),
        PersonalClass("phone", "Số điện thoại", _number),
        PersonalClass("email", "Thư điện tử", _closed),
        PersonalClass("name", "Họ và tên", _name, needs_purpose=False),
        PersonalClass("birth", "Ngày sinh", _birth),
        PersonalClass("address", "Địa chỉ", _address),
        PersonalClass("health", "Sức khỏe (nhạy cảm)", _closed),
        PersonalClass("other", "Dữ liệu cá nhân khác", _closed),
    )
}
# Classes that name one person: a person's rows are found by them.
IDENTIFYING = ("identity", "phone", "email")


def class_of(said: str) -> PersonalClass:
    """Return the class that a contract names; what it says in words of its own is "other"."""
    return CLASSES.get(said, CLASSES["other"])
