"""The lists of pipelines as tables: pipelines with their last runs, the runs of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from haidang.data.pipelines.models import Pipeline, PipelineRun
from haidang.data.pipelines.queries import graphs
from haidang.foundation.core.text import sort_key
from haidang.foundation.ui.lists import Listing

SIGNS = {
    "landed": "normal", "nothing": "normal", "failed": "critical", "cancelled": "no_data",
    "queued": "no_data", "running": "no_data",
}  # fmt: skip


@dataclass(frozen=True)
class PipelineLine:
    pipeline: Pipeline
    run: PipelineRun | None

    @property
    def sign(self) -> str:
        return SIGNS[self.run.state] if self.run else ""

    @property
    def when(self) -> str:
        return when_words(self.pipeline)

    @property
    def inputs(self) -> list[str]:
        return list(self.pipeline.version.inputs) if self.pipeline.version else []


PIPELINES = Listing(
    file="luong-xu-ly",
    columns={
        "Mã": attrgetter("pipeline.code"),
        "Tên": attrgetter("pipeline.title"),
        "Đầu vào": attrgetter("inputs"),
        "Đầu ra": attrgetter("pipeline.output"),
        "Khi nào chạy": attrgetter("when"),
        "Đang chạy": attrgetter("pipeline.is_on"),
        "Lần tới": attrgetter("pipeline.next_at"),
        "Lần chạy gần nhất": lambda line: line.run.get_state_display() if line.run else "",
        "Lúc": lambda line: line.run.queued_at if line.run else None,
        "Dòng làm ra": lambda line: line.run.rows_made if line.run else None,
    },
    sorts={
        "title": lambda one: sort_key(one.title),
        "output": attrgetter("output"),
        "next": lambda one: (one.next_at is None, str(one.next_at or "")),
    },
    default="title",
)
RUNS = Listing(
    file="lan-chay",
    columns={
        "Số": attrgetter("pk"),
        "Phiên bản": attrgetter("version.number"),
        "Vì sao chạy": lambda run: run.get_cause_display(),
        "Từ ngày": attrgetter("from_day"),
        "Đến ngày": attrgetter("to_day"),
        "Ai": attrgetter("asked_label"),
        "Yêu cầu lúc": attrgetter("queued_at"),
        "Bắt đầu": attrgetter("started_at"),
        "Xong": attrgetter("finished_at"),
        "Kết quả": lambda run: run.get_state_display(),
        "Dòng làm ra": attrgetter("rows_made"),
        "Nhận": attrgetter("accepted"),
        "Chờ xử lý": attrgetter("quarantined"),
        "Trùng": attrgetter("duplicate"),
        "Lỗi": attrgetter("failure"),
    },
    sorts={"queued": ("id",), "rows": ("rows_made",)},
    default="-queued",
    per_page=20,
)


def pipelines(rows: Sequence[Pipeline]) -> list[PipelineLine]:
    """Return pipelines with their last runs: two queries, however many."""
    last = graphs.last_runs([one.pk for one in rows])
    return [PipelineLine(one, last.get(one.pk)) for one in rows]


def when_words(one: Pipeline) -> str:
    """Say when a pipeline runs."""
    match one.cadence:
        case "hourly":
            return f"Hằng giờ, phút thứ {one.minute}"
        case "daily":
            return f"Hằng ngày lúc {one.at:%H:%M}" if one.at else "Hằng ngày lúc 00:30"
    return str(one.get_cadence_display())
