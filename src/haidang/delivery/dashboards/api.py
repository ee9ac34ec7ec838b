"""The door of dashboards."""

from haidang.delivery.dashboards.actions import define_board, install_starter, pin
from haidang.delivery.dashboards.errors import BadBoardError, BoardNotFoundError

__all__ = [
    "BadBoardError",
    "BoardNotFoundError",
    "define_board",
    "install_starter",
    "pin",
]
