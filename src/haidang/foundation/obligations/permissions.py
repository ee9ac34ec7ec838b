"""The capabilities of this domain, with the words that an administrator reads."""

from django.utils.translation import gettext_lazy as _

CAPABILITIES = {
    "obligations.view": _("Xem việc phải thực hiện"),
    "obligations.answer": _("Nhận nhắc việc của đơn vị"),
    "obligations.head": _("Nhận báo cáo khi đơn vị quá hạn"),
}
