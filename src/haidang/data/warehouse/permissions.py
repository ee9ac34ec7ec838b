"""The capabilities of this domain, with the words that an administrator reads."""

from django.utils.translation import gettext_lazy as _

QUERY = "warehouse.query"
PERSONAL = "warehouse.personal"
CAPABILITIES = {
    QUERY: _("Tra cứu kho dữ liệu"),
    PERSONAL: _("Xem dữ liệu cá nhân của bộ dữ liệu do đơn vị quản lý"),
}
