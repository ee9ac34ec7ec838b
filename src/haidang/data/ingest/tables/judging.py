"""Quality rules by dataset, and the rules of one with their last runs, line by line."""

from operator import attrgetter

from haidang.data.ingest.rules.judging import KINDS
from haidang.foundation.core.text import sort_key
from haidang.foundation.ui.lists import Listing

DATASETS = Listing(
    file="quy-tac-chat-luong",
    columns={
        "Mã": attrgetter("dataset.code"),
        "Bộ dữ liệu": attrgetter("dataset.title"),
        "Quy tắc đang bật": attrgetter("active"),
        "Dòng không đạt, 30 ngày": attrgetter("failed"),
    },
    sorts={
        "title": lambda line: sort_key(line.dataset.title),
        "active": attrgetter("active"),
        "failed": attrgetter("failed"),
    },
)
RULES = Listing(
    file="quy-tac",
    columns={
        "Quy tắc": attrgetter("rule.title"),
        "Loại": lambda one: KINDS.get(one.rule.kind, one.rule.kind),
        "Đang bật": attrgetter("rule.is_active"),
        "Mức": lambda one: one.rule.get_severity_display(),
        "Chịu trách nhiệm": attrgetter("owner"),
        "Lượt cuối: không đạt": lambda one: one.last.failed if one.last else None,
        "Lượt cuối: đã xét": lambda one: one.last.checked if one.last else None,
        "Lượt cuối": lambda one: one.last.run.received_at if one.last else None,
    },
    sorts={
        "title": lambda one: sort_key(one.rule.title),
        "severity": attrgetter("rule.severity"),
        "owner": lambda one: sort_key(one.owner),
        "failed": lambda one: one.last.failed if one.last else -1,
    },
)
