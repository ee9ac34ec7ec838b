"""When a connection is due again, and how long it waits after failures."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
MOST_FAILURES = 12
_FIRST_WAIT = dt.timedelta(minutes=1)
_LONGEST_WAIT = dt.timedelta(hours=6)
WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


@dataclass(frozen=True)
class Schedule:
    """How often: manual, every so many minutes, or at a time of each day, week or month.

    `day` is of the week (0 is Monday) or of the month (1 to 28).
    """

    cadence: str = "manual"
    every: int | None = None
    at: dt.time | None = None
    day: int | None = None

    @property
    def words(self) -> str:
        """Say it as an official would."""
        time = f"{self.at:%H:%M}" if self.at else ""
        match self.cadence:
            case "minutes":
                return f"mỗi {self.every} phút"
            case "daily":
                return f"hằng ngày lúc {time}"
            case "weekly":
                return f"{WEEKDAYS[self.day or 0]} hằng tuần lúc {time}"
            case "monthly":
                return f"ngày {self.day} hằng tháng lúc {time}"
        return "chỉ khi bấm “Lấy ngay”"


def next_due(schedule: Schedule, moment: dt.datetime) -> dt.datetime | None:
    """Return the first due moment strictly after `moment`; None for a manual one."""
    if schedule.cadence == "minutes":
        return moment + dt.timedelta(minutes=schedule.every or 1)
    if schedule.cadence == "manual" or schedule.at is None:
        return None
    day = moment.astimezone(LOCAL).date()
    while True:
        due = dt.datetime.combine(day, schedule.at, LOCAL)
        if due > moment and _falls_on(schedule, day):
            return due.astimezone(dt.UTC)
        day += dt.timedelta(days=1)


def _falls_on(schedule: Schedule, day: dt.date) -> bool:
    match schedule.cadence:
        case "weekly":
            return day.weekday() == schedule.day
        case "monthly":
            return day.day == schedule.day
    return True


def back_off(failures: int, chance: float, asked: float = 0) -> dt.timedelta:
    """Return how long to wait after so many failures in a row.

    Doubles from one minute to six hours; `chance` in [0, 1) takes away up to half, so that
    many connections to one broken server do not come back together. Never less than the
    seconds that the other side asked for, up to a day.
    """
    doubled = _FIRST_WAIT * 2.0 ** min(max(failures, 1) - 1, 20)
    wait = min(doubled, _LONGEST_WAIT) * (1 - chance / 2)
    return max(wait, dt.timedelta(seconds=min(max(asked, 0), 86_400)))
