from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from haidang.foundation.notifications import api as notifications
from haidang.foundation.notifications.models import Message
from tests.world import World


def _tell(world: World, *usernames: str, **more: Any) -> list[int]:
    to = [world.accounts[username] for username in usernames]
    return notifications.send(to=to, kind="tests.told", title="Triều cường lên", **more)


def test_a_message_stands_in_the_inbox_of_whom_it_is_for_alone(world: World) -> None:
    _tell(world, "truc1", body="Đỉnh 1,58 m lúc 17:00", url="/console/alerts/")
    mine = world.client("truc1").get("/console/inbox/").content.decode()
    assert "Triều cường lên" in mine and "Đỉnh 1,58 m lúc 17:00" in mine
    assert "Triều cường lên" not in world.client("truongca").get("/console/inbox/").content.decode()


def test_opening_marks_it_read_once_and_leads_on(world: World) -> None:
    [message] = _tell(world, "truc1", url="/console/obligations/")
    account = world.accounts["truc1"]
    assert notifications.unread_count(account) == 1
    answer = world.client("truc1").post(f"/console/inbox/{message}/")
    assert answer["Location"] == "/console/obligations/"
    first = Message.objects.get(pk=message).read_at
    world.client("truc1").post(f"/console/inbox/{message}/")
    assert Message.objects.get(pk=message).read_at == first is not None
    assert notifications.unread_count(account) == 0


def test_nobody_opens_the_message_of_another(world: World) -> None:
    [message] = _tell(world, "truc1")
    assert world.client("truongca").post(f"/console/inbox/{message}/").status_code == 404
    assert Message.objects.get(pk=message).read_at is None


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_message_never_leads_to_another_site(world: World, url: str) -> None:
    [message] = _tell(world, "truc1", url=url)
    answer = world.client("truc1").post(f"/console/inbox/{message}/")
    assert answer["Location"] == "/console/inbox/"


def test_unread_ones_are_filtered_and_all_marked_read(world: World) -> None:
    read, _ = _tell(world, "truc1")[0], _tell(world, "truc1")
    client = world.client("truc1")
    client.post(f"/console/inbox/{read}/")
    page = client.get("/console/inbox/", {"show": "unread"}).content.decode()
    assert page.count("<b>Triều cường lên</b>") == 1
    assert 'aria-label="Hộp thư: 1 chưa đọc"' in page
    client.post("/console/inbox/read/")
    assert notifications.unread_count(world.accounts["truc1"]) == 0
    assert "Đã đọc hết" in client.get("/console/inbox/", {"show": "unread"}).content.decode()


def test_visitors_are_sent_to_sign_in_and_reading_needs_a_post(world: World, client: Any) -> None:
    assert client.get("/console/inbox/")["Location"].startswith("/accounts/login/")
    assert client.post("/console/inbox/1/")["Location"].startswith("/accounts/login/")
    assert world.client("truc1").get("/console/inbox/1/").status_code == 405


def test_the_inbox_asks_the_same_questions_however_long_it_is(world: World) -> None:
    client = world.client("truc1")

    def page_of(total: int) -> tuple[int, str]:
        for _ in range(Message.objects.count(), total):
            _tell(world, "truc1")
        world.scope("truc1")  # remembered for a second
        with CaptureQueriesContext(connection) as asked:
            page = client.get("/console/inbox/").content.decode()
        return len(asked), page

    page_of(1)
    few, _ = page_of(2)
    many, page = page_of(30)
    assert many == few
    assert "Hiển thị 1–25 trong 30 thông báo" in page


def test_what_is_rolled_back_was_never_told(world: World) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _tell(world, "truc1")
        raise ZeroDivisionError
    assert notifications.unread_count(world.accounts["truc1"]) == 0


def test_an_unknown_channel_is_refused(world: World) -> None:
    with pytest.raises(notifications.UnknownChannelError):
        _tell(world, "truc1", channels=("pigeon",))
