"""Boards that show an indicator."""

from collections.abc import Iterator

from django.urls import reverse

from haidang.data.catalogue import api as catalogue
from haidang.delivery.dashboards.models import Board
from haidang.delivery.dashboards.queries import boards
from haidang.foundation.access.api import Scope


def direct(thing: catalogue.Thing, scope: Scope) -> Iterator[catalogue.Dependant]:
    """Yield the boards with a tile of an indicator, or a map that may be coloured by it."""
    if thing.kind != "indicator":
        return
    for board in Board.objects.order_by("title"):
        tiles = boards.board(board.code).tiles
        count = sum(thing.code in {tile.indicator, *tile.choices} for tile in tiles)
        if not count:
            continue
        if not scope.allows("dashboards.view"):
            yield catalogue.Dependant("board", board.code)
            continue
        is_wall = board.code == boards.WALL
        url = reverse("dashboards:wall" if is_wall else "dashboards:board")
        yield catalogue.Dependant("board", board.code, board.title, f"{count} ô", url)
