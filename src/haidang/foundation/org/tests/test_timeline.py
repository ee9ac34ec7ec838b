"""Dated values against a slow, obvious implementation: one value written down for every day."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org
from haidang.foundation.org.models import UnitVersion
from haidang.foundation.org.rules import timeline
from haidang.foundation.org.rules.timeline import Span

FIRST = date(2024, 1, 1)
DAYS = 30
days = st.integers(0, DAYS - 1)
changes = st.lists(
    st.one_of(
        st.tuples(st.just("amend"), days, st.sampled_from("abc")),
        st.tuples(st.just("end"), days, st.just("")),
    ),
    max_size=12,
)


def day_of(number: int) -> date:
    return FIRST + timedelta(days=number)


class Diary:
    """One page a day: what held on it, and which stretch of pages was written together."""

    def __init__(self) -> None:
        self.pages: list[tuple[str, int] | None] = [("start", 0)] * DAYS
        self.written = 0

    def amend(self, day: int, value: str) -> bool:
        page = self.pages[day]
        if page is None:
            return False
        self.written += 1
        if page[0] != value:
            for later in range(day, DAYS):
                if self.pages[later] != page:
                    break
                self.pages[later] = (value, self.written)
        return True

    def end(self, day: int) -> bool:
        if self.pages[day] is None:
            return False
        self.pages[day:] = [None] * (DAYS - day)
        return True

    def values(self) -> list[str | None]:
        return [page[0] if page else None for page in self.pages]


@given(changes)
def test_the_rule_agrees_with_a_diary(said: list[tuple[str, int, str]]) -> None:
    diary = Diary()
    spans: list[Span[str]] = [Span(FIRST, None, "start")]

    for what, day, value in said:
        if diary.amend(day, value) if what == "amend" else diary.end(day):
            spans = (
                timeline.amended(spans, day_of(day), lambda _, value=value: value)
                if what == "amend"
                else timeline.ended(spans, day_of(day))
            )
        else:
            with pytest.raises(LookupError):
                timeline.ended(spans, day_of(day))

    held = [timeline.at(spans, day_of(number)) for number in range(DAYS)]
    assert [span.value if span else None for span in held] == diary.values()
    assert all(one.end is not None and one.end <= two.start for one, two in pairwise(spans))


class DatedUnits(TestCase):
    """The same, through actions and the database."""

    @settings(max_examples=25, deadline=None)
    @given(changes)
    def test_actions_agree_with_a_diary(self, said: list[tuple[str, int, str]]) -> None:
        diary = Diary()
        unit = org.create_unit(
            org.UnitRow("u", "start", "u", "commune", "ubnd"), on=FIRST, by=SYSTEM
        )

        for what, day, value in said:
            if what == "amend" and diary.amend(day, value):
                org.rename(unit=unit.id, name=value, short_name="u", on=day_of(day), by=SYSTEM)
            elif what == "end" and diary.end(day):
                org.dissolve(unit=unit.id, on=day_of(day), by=SYSTEM)

        units = [org.units([unit.id], on=day_of(number)) for number in range(DAYS)]
        names = [found[unit.id].name if found else None for found in units]
        assert names == diary.values()
        assert UnitVersion.objects.filter(unit=unit.id).count() == len(org.history(unit.id))
