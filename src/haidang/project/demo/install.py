"""Fill an empty system with the demo province: people, sources, devices, history, figures.

Everything goes through the same doors as in operation. Runs once, before the processes start.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from haidang.action.alerts import api as alerts
from haidang.action.operations import api as operations
from haidang.data.ingest import api as ingest
from haidang.foundation.access import api as access
from haidang.foundation.core import events
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators
from haidang.project.demo import (
    cast,
    devices,
    incidents,
    past,
    province,
    reform,
    reported,
    reports,
    watched,
    worked,
)

YEARS = 3


def install(say: Callable[[str], None] = print) -> None:
    """Install the demo province; a second call finds it there and changes nothing."""
    if org.all_units(level="commune"):
        return
    steps: tuple[tuple[str, Callable[[], None]], ...] = (
        ("đơn vị", province.load),
        ("tài khoản", people),
        ("chỉ tiêu", definitions),
        ("nguồn và thiết bị", sources),
        ("số liệu ba năm", history),
        ("số liệu đơn vị báo cáo", reported.write),
        ("chế độ báo cáo", reports.install),
        ("quy tắc, quy trình, cảnh báo", watch),
        ("phiếu điều hành", incidents.install),
        ("đợt sắp xếp chuẩn bị sẵn", reform.install),
        ("thư mục, quy tắc, luồng xử lý", worked.install),
    )
    for name, step in steps:
        began = time.monotonic()
        step()
        say(f"{name}: {time.monotonic() - began:.1f} s")
    # History was computed in bulk above; its events must not compute it a second time.
    events.settle_waiting()
    past.fall_silent()


def history() -> None:
    """Write and compute three years; the readings in a process of their own, on another core."""
    words = [sys.executable, "-m", "haidang.project.demo", first_day().isoformat()]
    readings = subprocess.Popen(words)
    try:
        past.write_tables(first_day(), timezone.localdate())
        past.compute_tables()
        if readings.wait():
            raise RuntimeError(f"the readings ended with code {readings.returncode}")
    finally:
        readings.kill()
    past.compute_readings()


def first_day() -> date:
    """Return the first day of the history: three years back, at the start of a month."""
    return (timezone.localdate() - timedelta(days=365 * YEARS)).replace(day=1)


def people() -> None:
    """Create the cast with their posts and roles."""
    for member in cast.CAST:
        with transaction.atomic():
            _join(member)


def _join(member: cast.Member) -> None:
    unit = _unit_id(member.unit)
    officer = None
    if member.role:
        officer = org.create_officer(
            unit=unit,
            name=member.name,
            title=member.title,
            is_head=member.role in cast.HEADS,
            phone=f"0274 3{unit % 1000:03d} {len(member.name):03d}",
            by=SYSTEM,
        ).id
    account = access.create_account(
        username=member.username,
        full_name=member.name,
        password=cast.PASSWORD,
        officer_id=officer,
        by=SYSTEM,
    )
    if member.role:
        access.grant(
            account=account.id,
            role=member.role,
            unit=_unit_id(member.over),
            sector=member.sector or None,
            by=SYSTEM,
        )


def _unit_id(code: str) -> int:
    """Return the id of a unit by code, or by "@name@district" for a commune."""
    if not code.startswith("@"):
        return org.unit(code).id
    name, district = code[1:].split("@")
    parent = org.unit(district).id
    return next(u.id for u in org.children(parent, level="commune") if u.short_name == name)


def definitions() -> None:
    """Install the starter set: datasets with contracts, indicators, thresholds, plans."""
    indicators.install_starter(by=SYSTEM)


def watch() -> None:
    """Put the shipped rules and procedures in force and raise what they say of today."""
    now = timezone.now()
    alerts.install_starter(by=access.EVERYTHING, now=now)
    operations.install_starter(by=SYSTEM, now=now)
    alerts.look_over(now=now)


def sources() -> None:
    """Agree on one source per dataset, register the devices, hand out the simulator's keys."""
    for dataset in past.TABLES:
        past.agree_source(dataset)
    past.agree_ward()
    keys = {}
    for network in devices.NETWORKS:
        past.agree_network(network)
        account = access.create_account(
            username=f"thiet-bi.{network.source}", full_name=network.title, by=SYSTEM
        )
        access.grant(account=account.id, role="device", unit=org.root().id, by=SYSTEM)
        keys[network.source] = access.create_key(
            account=account.id, name="Bộ mô phỏng", by=SYSTEM
        ).token
    communes = {unit.code: unit.id for unit in org.all_units(level="commune")}
    for station in (*devices.stations(list(communes)), devices.TOUR_GAUGE):
        ingest.register_device(
            code=station.code,
            source=station.source,
            unit_id=communes[station.unit],
            metrics=station.metrics,
            by=SYSTEM,
        )
    watched.install()
    file = settings.DATA_DIR / "demo-keys.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(keys), encoding="utf-8")
