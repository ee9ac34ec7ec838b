"""The capabilities of this domain, with the words that an administrator reads."""

from django.utils.translation import gettext_lazy as _

CAPABILITIES = {
    "access.manage": _("Quản lý tài khoản và phân quyền"),
    "audit.view": _("Xem nhật ký thay đổi"),
    "org.view": _("Xem đơn vị, cán bộ"),
    "org.manage": _("Quản lý đơn vị, cán bộ"),
}
