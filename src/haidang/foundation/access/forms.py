"""Forms of sign-in, of one's own account and of the administration of accounts."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as factor
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.utils.translation import gettext_lazy as _

from haidang.foundation.access import api as access
from haidang.foundation.access.models import Role
from haidang.foundation.access.permissions import MANAGE
from haidang.foundation.org import api as org


def _relabel(form: forms.Form, **labels: Any) -> None:
    """Name the fields in Vietnamese; a label stands above its field, so no placeholder."""
    for name, label in labels.items():
        field = form.fields.get(name)
        if field is not None:
            field.label = label
            field.help_text = ""
            field.widget.attrs.pop("placeholder", None)


class SignInForm(account.LoginForm):  # type: ignore[misc]  # allauth has no types
    """User name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self, login=_("Tên đăng nhập"), password=_("Mật khẩu"))
        self.fields["login"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}
        if self.initial.get("password"):
            self.fields["password"].widget.render_value = True


class PasswordAgainForm(account.ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """One's password, asked again before something important."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self, password=_("Mật khẩu"))


class ChangePasswordForm(account.ChangePasswordForm):  # type: ignore[misc]  # allauth has no types
    """The present password and twice the new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(
            self,
            oldpassword=_("Mật khẩu hiện tại"),
            password1=_("Mật khẩu mới"),
            password2=_("Nhập lại mật khẩu mới"),
        )
        self.fields["password1"].help_text = _("Ít nhất 10 ký tự, không dễ đoán.")


class ResetPasswordForm(account.ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """The address to which a link is sent. It exists only where mail goes out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self, email=_("Thư công vụ"))


class NewPasswordForm(account.ResetPasswordKeyForm):  # type: ignore[misc]  # allauth has no types
    """Twice the new password, after following the link in the mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self, password1=_("Mật khẩu mới"), password2=_("Nhập lại mật khẩu mới"))


class CodeForm(factor.AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code of the authenticator app, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self, code=_("Mã xác thực"))
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autofocus": True}


class CodeAgainForm(factor.ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code, asked again before something important."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self, code=_("Mã xác thực"))


class ActivateCodesForm(ActivateTOTPForm):  # type: ignore[misc]  # allauth has no types
    """The first code of a newly paired app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self, code=_("Mã 6 chữ số trên ứng dụng"))
        self.fields["code"].widget.attrs |= {"inputmode": "numeric"}


class ReasonForm(forms.Form):
    """Why something is taken away."""

    reason = forms.CharField(label=_("Lý do"), max_length=500)


class NewAccountForm(forms.Form):
    """A new account, and the post of its holder."""

    username = forms.RegexField(
        r"^[a-z0-9][a-z0-9._-]{1,60}$",
        label=_("Tên đăng nhập"),
        help_text=_("Chữ thường không dấu, số, dấu chấm. Ví dụ: canbo.phucuong"),
        error_messages={"invalid": _("Chỉ dùng chữ thường không dấu, số và các dấu . _ -")},
    )
    full_name = forms.CharField(label=_("Họ và tên"), max_length=200)
    unit = forms.TypedChoiceField(label=_("Đơn vị công tác"), coerce=int)
    title = forms.CharField(label=_("Chức vụ, chức danh"), max_length=200)
    email = forms.EmailField(label=_("Thư công vụ"), required=False)
    password = forms.CharField(
        label=_("Mật khẩu ban đầu"),
        help_text=_("Ít nhất 10 ký tự. Giao trực tiếp cho người dùng."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
    )

    def __init__(self, *args: Any, scope: access.Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = unit_choices(scope)  # type: ignore[attr-defined]  # a ChoiceField


class GrantForm(forms.Form):
    """A role, where it holds, and until when."""

    role = forms.ModelChoiceField(
        Role.objects.order_by("order", "name"), label=_("Vai trò"), empty_label=_("Chọn vai trò…")
    )
    unit = forms.TypedChoiceField(label=_("Đơn vị (gồm cả đơn vị trực thuộc)"), coerce=int)
    sector = forms.ChoiceField(label=_("Lĩnh vực"), required=False)
    valid_to = forms.DateField(
        label=_("Đến hết ngày"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(label=_("Lý do, căn cứ"), max_length=500)

    def __init__(self, *args: Any, scope: access.Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sectors = [("", _("Mọi lĩnh vực")), *((one.code, one.name) for one in org.sectors())]
        self.fields["unit"].choices = unit_choices(scope)  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["sector"].choices = sectors  # type: ignore[attr-defined]  # a ChoiceField


class PasswordForm(forms.Form):
    """A new password that an administrator sets."""

    password = forms.CharField(
        label=_("Mật khẩu mới"),
        help_text=_("Ít nhất 10 ký tự. Mọi phiên đang mở của tài khoản sẽ kết thúc."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class KeyForm(forms.Form):
    """What a new API key is for."""

    name = forms.CharField(label=_("Khóa dùng để làm gì"), max_length=200)


def unit_choices(scope: access.Scope) -> list[tuple[Any, Any]]:
    """Return the units that the administrator may give, by name."""
    allowed = scope.units(MANAGE)
    given = [(one.id, one.name) for one in org.all_units() if one.id in allowed]
    return [("", _("Chọn đơn vị…")), *given]
