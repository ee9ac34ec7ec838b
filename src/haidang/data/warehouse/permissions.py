"""The capabilities of this domain, with the words that an administrator reads."""

from django.utils.translation import gettext_lazy as _

QUERY = "warehouse.query"
CAPABILITIES = {QUERY: _("Tra cứu kho dữ liệu")}
