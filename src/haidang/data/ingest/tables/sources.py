"""Sources with their health, and connections with theirs, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from django.utils import timezone

from haidang.data.ingest.connectors import registry
from haidang.data.ingest.models import Connection, Source
from haidang.data.ingest.queries import connections as asking
from haidang.data.ingest.queries import listing
from haidang.data.ingest.queries.connections import Pulse
from haidang.data.ingest.queries.listing import Health
from haidang.foundation.org import api as org
from haidang.foundation.ui import formats
from haidang.foundation.ui.lists import Listing


@dataclass(frozen=True)
class SourceLine:
    source: Source
    health: Health
    unit: org.UnitRef | None


@dataclass(frozen=True)
class ConnectionLine:
    connection: Connection
    pulse: Pulse
    kind: str
    schedule: str


SOURCES = Listing(
    file="nguon-du-lieu",
    columns={
        "Mã": attrgetter("source.code"),
        "Nguồn": attrgetter("source.title"),
        "Đơn vị cung cấp": lambda line: line.unit.name if line.unit else "",
        "Cách gửi": lambda line: line.source.get_kind_display(),
        "Bộ dữ liệu": attrgetter("source.dataset"),
        "Tình trạng": attrgetter("health.word"),
        "Nhận gần nhất": attrgetter("health.last_success_at"),
        "Dòng đọc 30 ngày": attrgetter("health.read"),
        "Tỷ lệ chờ xử lý": lambda line: _share(line.health.share),
        "Đang chờ": attrgetter("health.waiting"),
        "Chế độ duyệt": lambda line: "tự động" if line.source.is_automatic else "duyệt từng lượt",
    },
    sorts={
        "title": ("title",),
        "state": ("late_since", "title"),
        "last": ("last_success_at",),
        "unit": ("supplier__code", "title"),
    },
    default="title",
)
CONNECTIONS = Listing(
    file="ket-noi",
    columns={
        "Kết nối": attrgetter("connection.title"),
        "Nguồn": attrgetter("connection.source.title"),
        "Kiểu": attrgetter("kind"),
        "Tình trạng": attrgetter("pulse.word"),
        "Lấy được gần nhất": attrgetter("connection.last_success_at"),
        "Lần tới": attrgetter("connection.next_at"),
        "Lịch": attrgetter("schedule"),
        "Lần lấy 7 ngày": attrgetter("pulse.attempts"),
        "Lỗi 7 ngày": attrgetter("pulse.failed"),
    },
    sorts={
        "title": ("title",),
        "source": ("source__title", "title"),
        "last": ("last_success_at",),
        "next": ("next_at",),
        "state": ("failures", "title"),
    },
    default="title",
)
ATTEMPTS = Listing(
    file="lan-lay",
    columns={
        "Bắt đầu": attrgetter("started_at"),
        "Xong": attrgetter("finished_at"),
        "Ai": lambda one: one.started_by or "theo lịch",
        "Kết quả": lambda one: one.get_outcome_display(),
        "Số phần": attrgetter("items"),
        "Dung lượng (byte)": attrgetter("bytes"),
        "Lỗi": attrgetter("error"),
        "Lượt nạp": lambda one: [run.pk for run in one.runs.all()],
    },
    per_page=20,
)


def sources(rows: Sequence[Source]) -> list[SourceLine]:
    """Return sources with their health: four queries, however many."""
    healths = listing.healths(rows, timezone.now())
    units = org.units({one.supplier_id for one in rows})
    return [SourceLine(one, healths[one.pk], units.get(one.supplier_id)) for one in rows]


def connections(rows: Sequence[Connection]) -> list[ConnectionLine]:
    """Return connections with their health: one query, however many."""
    pulses, kinds = asking.pulses(rows, timezone.now()), registry.kinds()
    return [
        ConnectionLine(
            one,
            pulses[one.pk],
            kinds[one.kind].title if one.kind in kinds else one.kind,
            asking.schedule_of(one).words,
        )
        for one in rows
    ]


def _share(share: float | None) -> str:
    return "" if share is None else formats.percent(share, 1)
