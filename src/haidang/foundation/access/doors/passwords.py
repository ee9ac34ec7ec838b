"""What a password must be, said in Vietnamese (Django's own translation lacks this one)."""

from typing import Any

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext as _


class LengthValidator(MinimumLengthValidator):
    """At least so many characters."""

    def get_error_message(self) -> Any:
        return _("Mật khẩu cần ít nhất %d ký tự.") % self.min_length

    def get_help_text(self) -> Any:
        return self.get_error_message()
