"""Evidence: what is kept, what is shown, what is refused."""

import pytest

from haidang.action.operations import actions, errors, queries
from haidang.action.operations.models import Evidence, Ticket
from haidang.foundation.core import files
from haidang.foundation.core.errors import NotAllowedError
from tests.world import World

from .conftest import NOW
from .test_pictures import exif, jpeg, segment

PHOTO = jpeg(segment(0xE1, exif(1)))


def add(world: World, ticket: Ticket, who: str = "truc1", **given: object) -> int:
    return actions.add_evidence(ticket=ticket.pk, by=world.scope(who), now=NOW, **given)


def test_pages_get_the_picture_without_its_place(world: World, ticket: Ticket) -> None:
    kept = add(world, ticket, kind="photo", content=PHOTO, name="sau.jpg", note="Đã rút")
    row, sha256 = queries.evidence_file(kept, world.scope("chutich"))
    with files.open_stored(sha256) as shown:
        assert b"GPS" not in shown.read()
    assert row.original is not None
    with files.open_stored(row.original.sha256) as original:
        assert original.read() == PHOTO


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("photo", b"%PDF-1.7"),
        ("photo", b"<svg/>"),
        ("photo", PHOTO[:40]),
        ("photo", None),
        ("document", PHOTO),
        ("document", b"MZ\x90"),
        ("photo", PHOTO + b"\0" * (20 * 1024 * 1024)),
    ],
)
def test_what_is_refused(world: World, ticket: Ticket, kind: str, content: bytes | None) -> None:
    with pytest.raises(errors.EvidenceFileError):
        add(world, ticket, kind=kind, content=content, name="x")
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    ("who", "refused"),
    [("chutich", NotAllowedError), ("canbo.dian", errors.TicketNotFoundError)],
)
def test_who_may_not_bring_evidence(
    world: World, ticket: Ticket, who: str, refused: type[Exception]
) -> None:
    with pytest.raises(refused):
        add(world, ticket, who, kind="figure", note="x")


def test_another_district_gets_no_file(world: World, ticket: Ticket) -> None:
    kept = add(world, ticket, kind="photo", content=PHOTO, name="sau.jpg")
    with pytest.raises(errors.EvidenceNotFoundError):
        queries.evidence_file(kept, world.scope("canbo.dian"))
