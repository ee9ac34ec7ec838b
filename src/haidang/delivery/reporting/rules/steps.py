"""The way of a report, from hand to hand."""

from typing import Final

ASSIGNED, DRAFT, SUBMITTED, APPROVED, RECEIVED, RETURNED = (
    *("assigned", "draft", "submitted"),
    *("approved", "received", "returned"),
)
NAMES: Final = {
    ASSIGNED: "Chưa nhập",
    DRAFT: "Đang nhập",
    RETURNED: "Bị trả lại",
    SUBMITTED: "Chờ duyệt",
    APPROVED: "Chờ tiếp nhận",
    RECEIVED: "Đã tiếp nhận",
}
# How each looks: the signs that figures use.
SIGNS: Final = {
    ASSIGNED: "no_data",
    DRAFT: "no_data",
    RETURNED: "critical",
    SUBMITTED: "watch",
    APPROVED: "watch",
    RECEIVED: "normal",
}
OWED: Final = frozenset({ASSIGNED, DRAFT, RETURNED, SUBMITTED})
FILLABLE: Final = frozenset({ASSIGNED, DRAFT, RETURNED})

SAVE, SUBMIT, APPROVE, RECEIVE, RETURN = "save", "submit", "approve", "receive", "return"
_WAYS: Final = {
    (ASSIGNED, SAVE): DRAFT,
    (DRAFT, SAVE): DRAFT,
    (RETURNED, SAVE): RETURNED,
    (ASSIGNED, SUBMIT): SUBMITTED,
    (DRAFT, SUBMIT): SUBMITTED,
    (RETURNED, SUBMIT): SUBMITTED,
    (SUBMITTED, APPROVE): APPROVED,
    (SUBMITTED, RETURN): RETURNED,
    (APPROVED, RECEIVE): RECEIVED,
    (APPROVED, RETURN): RETURNED,
}
DONE: Final = {
    SUBMIT: "Gửi người duyệt",
    APPROVE: "Duyệt và gửi",
    RECEIVE: "Tiếp nhận",
    RETURN: "Trả lại",
    "assign": "Giao báo cáo",
}


def after(state: str, step: str) -> str | None:
    """Return the state that a step leads to; None when it cannot be taken now."""
    return _WAYS.get((state, step))
