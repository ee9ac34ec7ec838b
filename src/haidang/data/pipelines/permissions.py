"""The capabilities of this domain, with the words that an administrator reads."""

from django.utils.translation import gettext_lazy as _

VIEW = "pipelines.view"
MANAGE = "pipelines.manage"
APPROVE = "pipelines.approve"
CAPABILITIES = {
    VIEW: _("Xem luồng xử lý dữ liệu và các lần chạy"),
    MANAGE: _("Soạn, chạy thử, chạy và dừng luồng xử lý dữ liệu"),
    APPROVE: _("Duyệt đưa vào dùng phiên bản luồng xử lý do người khác soạn"),
}
