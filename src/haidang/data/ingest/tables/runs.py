"""Runs with their receipts, runs that wait for approval, and rows that wait, line by line."""

from collections.abc import Sequence
from operator import attrgetter

from haidang.data.ingest.models import Run
from haidang.foundation.org import api as org
from haidang.foundation.ui.lists import Cell, Listing

_RECEIPT: dict[str, Cell] = {
    "Số": attrgetter("pk"),
    "Tệp": attrgetter("file_name"),
    "Nguồn": attrgetter("source.title"),
    "Bộ dữ liệu": attrgetter("dataset"),
    "Nhận lúc": attrgetter("received_at"),
    "Người nạp": attrgetter("loaded_by_label"),
    "Cách gửi": lambda run: run.get_channel_display(),
    "Đọc": attrgetter("read"),
    "Nhận": attrgetter("accepted"),
    "Chờ xử lý": attrgetter("quarantined"),
    "Trùng": attrgetter("duplicate"),
    "Sửa số liệu cũ": attrgetter("revised"),
    "Kết quả": lambda run: run.get_status_display(),
    "Duyệt": lambda run: run.get_approval_display(),
    "Lý do không nạp được": attrgetter("failure"),
    "SHA-256": lambda run: run.file_id or "",
}
RUNS = Listing(
    file="luot-nap",
    columns=_RECEIPT,
    sorts={
        "when": ("received_at",),
        "source": ("source__title", "-received_at"),
        "read": ("read",),
        "waiting": ("quarantined",),
    },
    default="-when",
    # Counts change with every batch of a stream; an index of them would make that dear.
    costly=frozenset({"source", "read", "waiting"}),
)
APPROVALS = Listing(
    file="luot-nap-cho-duyet",
    columns=_RECEIPT,
    sorts={
        "when": ("received_at",),
        "source": ("source__title", "received_at"),
        "read": ("accepted",),
        "waiting": ("quarantined",),
    },
    default="when",
)
ROWS = Listing(
    file="du-lieu-cho-xu-ly",
    columns={
        "Lượt nạp": attrgetter("run_id"),
        "Nguồn": attrgetter("run.source.title"),
        "Dòng": attrgetter("row_no"),
        "Trạng thái": lambda row: row.get_state_display(),
        "Lý do": lambda row: " ".join(reason["message"] for reason in row.reasons),
        "Nội dung": lambda row: " | ".join(f"{name}={said}" for name, said in row.raw.items()),
        "Quyết định lúc": attrgetter("decided_at"),
        "Lý do quyết định": attrgetter("decision_reason"),
    },
    sorts={"run": ("run_id", "-row_no"), "code": ("first_code", "-run_id", "row_no")},
    default="-run",
    costly=frozenset({"code"}),
)


def approvals(rows: Sequence[Run]) -> list[tuple[Run, org.UnitRef | None]]:
    """Return runs with their suppliers."""
    units = org.units({one.source.supplier_id for one in rows})
    return [(one, units.get(one.source.supplier_id)) for one in rows]
