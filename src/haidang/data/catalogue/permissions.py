"""The capabilities of this domain, with the words that an administrator reads."""

from django.utils.translation import gettext_lazy as _

VIEW = "catalogue.view"
MANAGE = "catalogue.manage"
CAPABILITIES = {
    VIEW: _("Xem danh mục dữ liệu"),
    MANAGE: _("Quản lý danh mục dữ liệu"),
}
