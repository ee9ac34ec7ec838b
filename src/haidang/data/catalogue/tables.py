"""The lists of the catalogue as tables: datasets, versions of a contract, difficulties."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from haidang.data.catalogue import queries
from haidang.data.catalogue.models import Dataset, Difficulty
from haidang.data.catalogue.queries import DatasetRef
from haidang.foundation.org import api as org
from haidang.foundation.ui.lists import Listing

KINDS = {"table": "Bảng số liệu", "readings": "Quan trắc"}


@dataclass(frozen=True)
class DatasetLine:
    ref: DatasetRef
    owner: org.UnitRef | None
    sector: str

    @property
    def kind(self) -> str:
        return KINDS[self.ref.kind]


@dataclass(frozen=True)
class DifficultyLine:
    difficulty: Difficulty
    unit: org.UnitRef | None
    agency: org.UnitRef | None


DATASETS = Listing(
    file="danh-muc-du-lieu",
    columns={
        "Mã": attrgetter("ref.code"),
        "Tên": attrgetter("ref.title"),
        "Loại": attrgetter("kind"),
        "Lĩnh vực": attrgetter("sector"),
        "Đơn vị chủ quản": lambda line: line.owner.name if line.owner else "",
        "Phiên bản": attrgetter("ref.version"),
    },
    sorts={
        "title": ("title_folded", "code"),
        "code": ("code",),
        "sector": ("sector_id", "code"),
        "kind": ("kind", "title_folded"),
        "owner": ("owner_unit__code", "title_folded"),
    },
    default="title",
)
VERSIONS = Listing(
    file="phien-ban-hop-dong",
    columns={
        "Phiên bản": attrgetter("version"),
        "Hiệu lực từ": attrgetter("valid_from"),
        "Đang áp dụng": attrgetter("is_in_force"),
        "Người đồng ý": attrgetter("made_by"),
        "Lúc": attrgetter("made_at"),
        "Lý do": attrgetter("reason"),
        "So với bản trước": lambda one: _compared(one),
    },
    sorts={"version": attrgetter("version")},
    default="-version",
)
DIFFICULTIES = Listing(
    file="vuong-mac",
    columns={
        "Số": attrgetter("difficulty.number"),
        "Loại": lambda line: line.difficulty.get_kind_display(),
        "Vướng mắc": attrgetter("difficulty.title"),
        "Về": attrgetter("difficulty.subject"),
        "Đơn vị nêu": lambda line: line.unit.name if line.unit else "",
        "Cơ quan xử lý": lambda line: line.agency.name if line.agency else "",
        "Đề xuất": attrgetter("difficulty.proposal"),
        "Nêu lúc": attrgetter("difficulty.raised_at"),
        "Hạn": attrgetter("difficulty.due_at"),
        "Tình trạng": lambda line: line.difficulty.get_state_display(),
        "Khép lại lúc": attrgetter("difficulty.closed_at"),
        "Kết quả": attrgetter("difficulty.outcome"),
    },
    sorts={
        "title": ("title_folded",),
        "unit": ("unit__code", "due_at"),
        "agency": ("agency__code", "due_at"),
        "due": ("due_at",),
        "state": ("state", "due_at"),
    },
    default="due",
    per_page=25,
)


def _compared(one: queries.VersionRef) -> str:
    if not one.changes:
        return "bản đầu"
    fields = ", ".join(dict.fromkeys(change.title or "cả hợp đồng" for change in one.changes))
    return f"{'siết lại hoặc đổi nghĩa' if one.is_breaking else 'mở rộng'}: {fields}"


def datasets(rows: Sequence[Dataset]) -> list[DatasetLine]:
    """Return datasets (their newest contracts loaded) with their owners and sectors."""
    refs = [queries.ref_of(row) for row in rows]
    owners = org.units({ref.owner_unit_id for ref in refs if ref.owner_unit_id})
    sectors = {sector.code: sector.name for sector in org.sectors()}
    return [
        DatasetLine(ref, owners.get(ref.owner_unit_id or 0), sectors.get(ref.sector or "", ""))
        for ref in refs
    ]


def difficulties(rows: Sequence[Difficulty]) -> list[DifficultyLine]:
    """Return difficulties with the units that raised them and those that are to clear them."""
    units = org.units({id_ for row in rows for id_ in (row.unit_id, row.agency_id)})
    return [DifficultyLine(row, units.get(row.unit_id), units.get(row.agency_id)) for row in rows]
