"""The lists of protection as tables: removals, periods of retention, looks at personal data."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from haidang.data.catalogue import api as catalogue
from haidang.data.protection.models import Retention
from haidang.data.protection.rules import keeping
from haidang.foundation.access.api import Scope
from haidang.foundation.ui.lists import Listing


@dataclass(frozen=True)
class RetentionLine:
    retention: Retention
    title: str

    @property
    def told(self) -> str:
        return "; ".join(told(self.retention))


REMOVALS = Listing(
    file="ho-so-xoa-du-lieu",
    columns={
        "Hồ sơ": attrgetter("pk"),
        "Xóa gì": attrgetter("shown"),
        "Loại": lambda one: one.get_kind_display(),
        "Bộ dữ liệu": attrgetter("datasets"),
        "Lý do": attrgetter("reason"),
        "Căn cứ pháp lý": attrgetter("legal_basis"),
        "Văn bản": attrgetter("document"),
        "Người đề nghị": attrgetter("asked_label"),
        "Đề nghị lúc": attrgetter("asked_at"),
        "Trạng thái": lambda one: one.get_state_display(),
        "Người quyết định": attrgetter("decided_label"),
        "Quyết định lúc": attrgetter("decided_at"),
        "Xóa xong lúc": attrgetter("done_at"),
    },
    sorts={
        "asked": ("asked_at",),
        "kind": ("kind", "-asked_at"),
        "by": ("asked_label", "-asked_at"),
        "state": ("state", "-asked_at"),
    },
    default="-asked",
)
RETENTIONS = Listing(
    file="thoi-han-luu-giu",
    columns={
        "Mã": attrgetter("retention.dataset"),
        "Bộ dữ liệu": attrgetter("title"),
        "Giữ": attrgetter("told"),
        "Căn cứ pháp lý": attrgetter("retention.legal_basis"),
        "Văn bản": attrgetter("retention.document"),
        "Trạng thái": lambda line: line.retention.get_state_display(),
        "Người đề nghị": attrgetter("retention.proposed_label"),
        "Người quyết định": attrgetter("retention.decided_label"),
        "Xem lại gần nhất": attrgetter("retention.looked_at"),
    },
    sorts={
        "dataset": ("dataset",),
        "state": ("state", "dataset"),
        "looked": ("looked_at", "dataset"),
    },
    default="dataset",
)
LOOKS = Listing(
    file="nhat-ky-du-lieu-ca-nhan",
    columns={
        "Lúc": attrgetter("at"),
        "Người xem": attrgetter("label"),
        "Bộ dữ liệu": attrgetter("dataset"),
        "Trường": attrgetter("columns"),
        "Số dòng": attrgetter("rows"),
        "Cách xem": lambda one: one.get_way_display(),
        "Mục đích": attrgetter("purpose"),
    },
    sorts={"at": ("at",), "who": ("label", "-at"), "rows": ("rows", "-at")},
    default="-at",
    costly=frozenset({"who", "rows"}),
)


def retentions(rows: Sequence[Retention], scope: Scope) -> list[RetentionLine]:
    """Return periods of retention with the titles of their datasets."""
    titles = {one.code: one.title for one in catalogue.datasets(scope)}
    return [RetentionLine(one, titles.get(one.dataset, one.dataset)) for one in rows]


def told(found: Retention) -> list[str]:
    """Return how long rows and files are kept, in words."""
    parts = (("dòng", found.rows_months), ("tệp gốc", found.files_months))
    return [f"{what} {keeping.told(months)}" for what, months in parts if months is not None]
