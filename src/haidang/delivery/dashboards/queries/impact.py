"""Boards that show an indicator."""

from collections import Counter
from collections.abc import Iterator, Sequence

from django.urls import reverse

from haidang.data.catalogue import api as catalogue
from haidang.delivery.dashboards.models import Board
from haidang.delivery.dashboards.queries import boards
from haidang.foundation.access.api import Scope


def direct(things: Sequence[catalogue.Thing], scope: Scope) -> Iterator[catalogue.Told]:
    """Yield the boards with tiles of indicators, or a map that may be coloured by them."""
    wanted = catalogue.codes(things, "indicator")
    for board in Board.objects.order_by("title") if wanted else ():
        tiles = boards.board(board.code).tiles
        shown = Counter(code for tile in tiles for code in {tile.indicator, *tile.choices})
        for code in wanted:
            if shown[code]:
                yield catalogue.Thing("indicator", code), _dependant(board, shown[code], scope)


def _dependant(board: Board, count: int, scope: Scope) -> catalogue.Dependant:
    if not scope.allows("dashboards.view"):
        return catalogue.Dependant("board", board.code)
    is_wall = board.code == boards.WALL
    url = reverse("dashboards:wall" if is_wall else "dashboards:board")
    return catalogue.Dependant("board", board.code, board.title, f"{count} ô", url)
