"""The capabilities of this domain, with the words that an administrator reads."""

from django.utils.translation import gettext_lazy as _

VIEW = "catalogue.view"
MANAGE = "catalogue.manage"
RAISE = "catalogue.raise"
CAPABILITIES = {
    VIEW: _("Xem danh mục dữ liệu"),
    MANAGE: _("Quản lý danh mục dữ liệu"),
    RAISE: _("Nêu và xử lý vướng mắc về dữ liệu"),
}
