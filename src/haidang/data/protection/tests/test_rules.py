"""Masks disclose what they are meant to and nothing else; hashes know a value in every writing."""

import datetime as dt

from hypothesis import assume, given
from hypothesis import strategies as st

from haidang.data.protection.rules import hashing, masks
from haidang.data.protection.rules.targets import Target

numbers = st.text("0123456789", min_size=9, max_size=12)
words = st.text("aăbcdđeêghiklmnoôơpqrstuưvxy", min_size=1, max_size=6)
names = st.lists(words, min_size=1, max_size=5).map(" ".join)
anything = st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.dates())


@given(numbers, numbers)
def test_a_number_shows_its_last_three_signs_alone(one: str, other: str) -> None:
    tail = one[-3:]
    for code in ("identity", "phone"):
        mask = masks.CLASSES[code].mask
        assert mask(one) == mask(other[:-3] + tail) == f"•••{tail}"
        assert mask(one[:8]) == "•••"


@given(names, names)
def test_a_name_shows_its_initials_alone(one: str, other: str) -> None:
    mask = masks.CLASSES["name"].mask
    same = " ".join(word[0] + "zz" for word in one.split())
    assert mask(one) == mask(same)
    assert len(mask(other)) == 2 * len(other.split())


@given(st.text("abc, ", max_size=20), words)
def test_an_address_shows_its_widest_place_alone(near: str, place: str) -> None:
    assume(near.strip(" ,"))
    mask = masks.CLASSES["address"].mask
    assert mask(f"{near},{place}") == f"•••, {place}"
    assert mask(place) == "•••"


@given(st.dates(min_value=dt.date(1850, 1, 1), max_value=dt.date(2026, 1, 1)))
def test_a_birth_shows_its_year_alone(day: dt.date) -> None:
    mask = masks.CLASSES["birth"].mask
    told = {mask(day), mask(day.isoformat()), mask(f"{day:%d/%m/%Y}"), mask(str(day.year))}
    assert told == {f"••/••/{day.year}"}


@given(anything, anything)
def test_health_and_the_rest_say_nothing_not_even_whether_they_are_there(a: object, b: object):
    for code in ("health", "other", "email"):
        assert masks.CLASSES[code].mask(a) == masks.CLASSES[code].mask(b) == "•••"
    assert masks.class_of("lời của riêng hợp đồng").code == "other"


@given(st.text("123456789", min_size=1, max_size=1), st.text("0123456789", min_size=8, max_size=11))
def test_a_number_is_known_however_it_is_written(first: str, rest: str) -> None:
    number = first + rest
    spaced = f" {number[:3]} {number[3:6]}.{number[6:]} "
    told = {
        hashing.written(one)
        for one in (number, f"0{number}", spaced, int(number), float(int(number)), f"+84{number}")
    }
    assert told == {number}


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3), st.binary(min_size=32, max_size=32))
def test_hashes_depend_on_every_value_and_on_the_key(values: list[str], other: bytes) -> None:
    key = hashing.key_of("khóa")
    assume(other != key)
    told = hashing.of_values(key, values)
    target = Target("x", key, {"d": (("a",),)}, frozenset({told}))
    assert hashing.of_values(other, values) != told
    assert hashing.of_values(key, [*values, "thêm"]) != told
    assert target.matches(values)
    assert not target.matches([*values, None])


def test_what_differs_is_not_taken_for_the_same() -> None:
    written = [
        hashing.written(one) for one in ("5.0", "50", "2026-01-02", "Nguyễn An", "Nguyen An")
    ]
    assert len(set(written)) == 5
    assert hashing.written("  NGUYỄN   An") == hashing.written("nguyễn an")
    moment = dt.datetime(2026, 11, 23, 5, tzinfo=dt.UTC)
    assert hashing.written(moment) == hashing.written(moment.replace(tzinfo=None))
