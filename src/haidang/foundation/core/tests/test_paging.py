"""A part of a list and the number of all, against counting every time."""

import pytest

from haidang.foundation.core import events, paging
from haidang.foundation.core.models import OutboxEvent

pytestmark = pytest.mark.django_db
THERE_ARE = 5


@pytest.fixture
def rows():
    OutboxEvent.objects.all().delete()
    for number in range(THERE_ARE):
        events.publish("core.tested", aggregate=f"thing:{number}")
    return OutboxEvent.objects.order_by("pk")


@pytest.mark.parametrize("offset", range(8))
def test_a_part_says_how_many_there_are(rows, offset: int) -> None:
    every = list(rows)
    for limit in range(8):
        assert paging.part(rows, limit, offset) == (every[offset : offset + limit], THERE_ARE)


def test_who_sees_the_end_of_a_list_does_not_count(rows, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        paging.part(rows, THERE_ARE + 1)
    with django_assert_num_queries(2):
        paging.part(rows, THERE_ARE)
