"""The world with the monthly regime given out for November 2026, and the ways to act in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from haidang.delivery.reporting import api as reporting
from haidang.delivery.reporting.models import Assignment
from haidang.foundation.access import api as access
from haidang.foundation.calendar.zone import ZONE
from haidang.insight.indicators import api as indicators
from tests.world import World, build_world

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=ZONE)
PERIOD = "2026-11"
GOOD = {
    "so-ho": "8000",
    "ho-ngheo": "41",
    "tiem-chung": "96.5",
    "van-ban-dien-tu": "99",
    "phan-anh": "12",
    "ho-so-qua-han": "0",
    "sot-xuat-huyet": "7",
    "sxh-nhap-vien": "2",
}


@dataclass(frozen=True)
class Stage:
    world: World

    def report(self, unit: str = "25747") -> Assignment:
        return Assignment.objects.whole().get(unit=self.world.unit(unit), period_key=PERIOD)

    def draft(self, **changes: str | None) -> reporting.Draft:
        return draft_of({**GOOD, **{name.replace("_", "-"): v for name, v in changes.items()}})

    def submit(self, **changes: str | None) -> Assignment:
        reporting.submit(
            report=self.report().pk,
            draft=self.draft(**changes),
            by=self.world.scope("canbo.phucuong"),
            now=NOW,
        )
        return self.report()

    def approve(self, who: str = "chutich.phucuong") -> Assignment:
        reporting.approve(report=self.report().pk, by=self.world.scope(who), now=NOW)
        return self.report()

    def receive(self, who: str = "giamdoc.ioc") -> Assignment:
        reporting.receive(report=self.report().pk, by=self.world.scope(who), now=NOW)
        return self.report()

    def send_back(self, who: str, reason: str = "Số hộ nghèo chưa khớp") -> Assignment:
        reporting.send_back(
            report=self.report().pk, reason=reason, by=self.world.scope(who), now=NOW
        )
        return self.report()


def draft_of(texts: Mapping[str, str | None]) -> reporting.Draft:
    values = {code: None if text is None else Decimal(text) for code, text in texts.items()}
    return reporting.Draft(values, dict.fromkeys(values, "typed"), {}, frozenset())


def build_stage() -> Stage:
    world = build_world()
    indicators.install_starter()
    reporting.create_regime(reporting.MONTHLY, by=access.EVERYTHING)
    reporting.assign(regime="ktxh-thang", period_key=PERIOD, by=world.scope("giamdoc.ioc"), now=NOW)
    return Stage(world)
