"""The five states of a figure: one sign, one word for progress and for hazard, one colour class."""

from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    """How a state is shown. `path` draws the sign in a box of 12 × 12."""

    code: str
    progress: str
    hazard: str
    path: str
    hollow: bool = False

    def word(self, *, hazard: bool) -> str:
        return self.hazard if hazard else self.progress

    @property
    def css(self) -> str:
        return f"s-{self.code}"


_DISC = "M6 1.2a4.8 4.8 0 1 0 0 9.6a4.8 4.8 0 1 0 0-9.6z"

STATES: dict[str, State] = {
    state.code: state
    for state in (
        State("critical", "Chậm nhiều", "Nguy hiểm", "M6 .3L11.7 6L6 11.7L.3 6z"),
        State("watch", "Chậm", "Theo dõi", "M6 .8L11.8 11H.2z"),
        State("normal", "Đúng tiến độ", "Bình thường", _DISC),
        State("stale", "Chậm cập nhật", "Chậm cập nhật", _DISC, hollow=True),
        State("no_data", "Chưa có số liệu", "Chưa có số liệu", _DISC, hollow=True),
    )
}
INFO = State("info", "Thông tin", "Thông tin", _DISC)


def state(code: str) -> State:
    """Return how a state is shown; what is unknown is shown as information."""
    return STATES.get(code, INFO)
