"""What allauth asks of us: Vietnamese words, no open sign-up, secrets encrypted at rest."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from haidang.foundation.core import cipher

_PURPOSE = "second factor"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by administrators alone."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("Tài khoản này đã bị khóa. Liên hệ quản trị hệ thống."),
        "username_password_mismatch": _("Tên đăng nhập hoặc mật khẩu không đúng."),
        "invalid_login": _("Tên đăng nhập hoặc mật khẩu không đúng."),
        "incorrect_password": _("Mật khẩu không đúng."),
        "enter_current_password": _("Mật khẩu hiện tại không đúng."),
        "incorrect_code": _("Mã xác thực không đúng."),
        "invalid_password_reset": _("Đường dẫn đặt lại mật khẩu không còn hiệu lực."),
        "invalid_or_expired_key": _("Đường dẫn không đúng hoặc đã hết hạn."),
        "too_many_login_attempts": _("Nhập sai quá nhiều lần. Hãy thử lại sau 5 phút."),
        "rate_limited": _("Thao tác quá nhanh. Hãy chờ một lát rồi thử lại."),
        "same_as_current": _("Mật khẩu mới phải khác mật khẩu hiện tại."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """Tell who has left the post what a locked account is told."""
        if not user.may_act(timezone.localdate()):
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def format_email_subject(self, subject: str) -> str:
        return subject

    def get_from_email(self) -> str:
        return settings.MAIL_FROM

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Say only what templates of ours say; "signed in" is seen, not told."""
        template = kwargs.get("message_template") or (args[0] if args else "")
        if template and "logged_in" not in template and "logged_out" not in template:
            super().add_message(request, level, *args, **kwargs)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """The second factor: codes of an authenticator app, or recovery codes."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("Mã xác thực không đúng."),
        "cannot_delete_authenticator": _("Không thể tắt xác thực hai lớp của tài khoản này."),
        "cannot_generate_recovery_codes": _("Bật xác thực hai lớp trước khi tạo mã dự phòng."),
    }

    def get_totp_issuer(self) -> str:
        return "Trung tâm IOC"

    def encrypt(self, text: str) -> str:
        return cipher.seal(text, purpose=_PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return cipher.unseal(encrypted_text, purpose=_PURPOSE)
