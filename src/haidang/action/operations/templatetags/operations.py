from django import template
from django.utils.translation import gettext_lazy as _

from haidang.action.operations.models import Evidence

register = template.Library()

_VERBS = {
    "open": _("Mở phiếu"),
    "verify": _("Xác minh"),
    "assign": _("Phân công"),
    "accept": _("Nhận việc"),
    "refuse": _("Từ chối"),
    "start": _("Bắt đầu xử lý"),
    "wait": _("Chờ"),
    "resume": _("Tiếp tục xử lý"),
    "finish": _("Báo hoàn thành"),
    "approve": _("Nghiệm thu"),
    "reopen": _("Mở lại"),
    "close": _("Đóng phiếu"),
    "merge": _("Gộp vào phiếu khác"),
    "transfer": _("Chuyển thẩm quyền"),
    "start_procedure": _("Bắt đầu quy trình"),
    "step": _("Xong bước"),
    "evidence": _("Thêm minh chứng"),
}


@register.filter
def verb_word(verb: str) -> str:
    """{{ event.verb|verb_word }} → Phân công"""
    return str(_VERBS.get(str(verb), verb))


@register.filter
def evidence_word(kind: str) -> str:
    """{{ kind|evidence_word }} → ảnh"""
    return str(Evidence.Kind(kind).label)
