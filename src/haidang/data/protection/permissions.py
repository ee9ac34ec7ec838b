"""The capabilities of this domain, with the words that an administrator reads."""

from django.utils.translation import gettext_lazy as _

VIEW = "personal_data.view"
AUDIT = "personal_data.audit"
REQUEST = "protection.request"
APPROVE = "protection.approve"
CAPABILITIES = {
    VIEW: _("Xem rõ dữ liệu cá nhân của bộ dữ liệu do đơn vị quản lý"),
    AUDIT: _("Xem nhật ký tiếp cận dữ liệu cá nhân"),
    REQUEST: _("Đề nghị xóa dữ liệu theo yêu cầu của pháp luật"),
    APPROVE: _("Duyệt xóa dữ liệu theo yêu cầu của pháp luật"),
}
