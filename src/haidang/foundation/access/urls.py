"""Sign-in and accounts. Of allauth's pages only those named here exist."""

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path

from haidang.foundation.access.views import account as own
from haidang.foundation.access.views import manage, signin

_OWN = [
    path("", own.mine, name="account"),
    path("manage/", manage.accounts, name="accounts"),
    path("manage/new/", manage.new, name="new_account"),
    path("manage/<int:account_id>/", manage.account, name="manage_account"),
    path("manage/<int:account_id>/grant/", manage.grant, name="grant"),
    path("manage/<int:account_id>/revoke/<int:grant_id>/", manage.revoke, name="revoke"),
    path("manage/<int:account_id>/lock/", manage.lock, name="lock"),
    path("manage/<int:account_id>/password/", manage.password, name="password"),
    path("manage/<int:account_id>/keys/", manage.key, name="key"),
    path("manage/<int:account_id>/keys/<int:key_id>/", manage.revoke_key, name="revoke_key"),
]
_SIGN_IN: list[URLPattern] = [
    path("login/", signin.SignInView.as_view(), name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", own.change_password, name="account_change_password"),
    path("2fa/", factor.index, name="mfa_index"),
    path("2fa/authenticate/", factor.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", factor.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/codes/new/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
]
_RESET: list[URLPattern] = [
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((_OWN, "access"))),
    *_SIGN_IN,
    *(_RESET if settings.HAS_MAIL_SERVER else ()),
]
