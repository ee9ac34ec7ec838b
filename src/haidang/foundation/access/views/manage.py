"""The administration of accounts, within the administrator's own coverage."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from haidang.foundation.access import api as access
from haidang.foundation.access import forms
from haidang.foundation.access.errors import UnknownAccountError
from haidang.foundation.access.models import Role
from haidang.foundation.access.permissions import MANAGE
from haidang.foundation.access.queries import overview
from haidang.foundation.core.errors import HaidangError

PAGE = 25


@access.requires(MANAGE)
def accounts(request: access.ScopedRequest) -> HttpResponse:
    """List and search accounts."""
    asked = {name: request.GET.get(name, "") for name in ("q", "role", "state")}
    rows = overview.found(
        request.scope,
        words=asked["q"],
        role=asked["role"],
        state=asked["state"],
        on=timezone.localdate(),
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "accounts": overview.lines(page),
        "roles": Role.objects.order_by("order", "name"),
        "asked": asked,
    }
    return render(request, "access/accounts.html", context)


@sensitive_post_parameters("password")
@access.requires(MANAGE)
def new(request: access.ScopedRequest) -> HttpResponse:
    """Create an account together with the post of its holder."""
    form = forms.NewAccountForm(request.POST or None, scope=request.scope)
    if request.method == "POST" and form.is_valid():
        try:
            made = access.employ(**form.cleaned_data, by=request.scope)
        except HaidangError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"Đã tạo tài khoản {made.username}. Hãy cấp vai trò.")
            return redirect("access:manage_account", account_id=made.id)
    status = 422 if form.errors else 200
    return render(request, "access/account_new.html", {"form": form}, status=status)


@access.requires(MANAGE)
def account(request: access.ScopedRequest, account_id: int) -> HttpResponse:
    """Show an account and everything that can be done with it."""
    return _page(request, account_id)


@require_POST
@access.requires(MANAGE)
def grant(request: access.ScopedRequest, account_id: int) -> HttpResponse:
    """Grant a role."""
    form = forms.GrantForm(request.POST, scope=request.scope)

    def act(given: dict[str, Any]) -> str:
        last = given["valid_to"]
        access.grant(
            account=account_id,
            role=given["role"].pk,
            unit=given["unit"],
            sector=given["sector"] or None,
            valid_to=last and last + dt.timedelta(days=1),
            reason=given["reason"],
            by=request.scope,
        )
        return f"Đã cấp vai trò {given['role']}."

    return _apply(request, account_id, form, act, "grant_form")


@require_POST
@access.requires(MANAGE)
def revoke(request: access.ScopedRequest, account_id: int, grant_id: int) -> HttpResponse:
    """Take a role back."""

    def act(given: dict[str, Any]) -> str:
        access.revoke(grant=grant_id, reason=given["reason"], by=request.scope)
        return "Đã thu hồi vai trò."

    return _apply(request, account_id, forms.ReasonForm(request.POST), act, "reason_form")


@require_POST
@access.requires(MANAGE)
def lock(request: access.ScopedRequest, account_id: int) -> HttpResponse:
    """Lock the account, or let it in again."""
    locks = request.POST.get("lock") == "1"

    def act(given: dict[str, Any]) -> str:
        change = access.lock_account if locks else access.unlock_account
        change(account=account_id, reason=given["reason"], by=request.scope)
        return "Đã khóa tài khoản." if locks else "Đã mở khóa tài khoản."

    return _apply(request, account_id, forms.ReasonForm(request.POST), act, "reason_form")


@sensitive_post_parameters("password")
@require_POST
@access.requires(MANAGE)
def password(request: access.ScopedRequest, account_id: int) -> HttpResponse:
    """Set a new password."""

    def act(given: dict[str, Any]) -> str:
        access.set_password(account=account_id, password=given["password"], by=request.scope)
        return "Đã đặt mật khẩu mới. Các phiên đang mở của tài khoản đã kết thúc."

    return _apply(request, account_id, forms.PasswordForm(request.POST), act, "password_form")


@require_POST
@access.requires(MANAGE)
def key(request: access.ScopedRequest, account_id: int) -> HttpResponse:
    """Make an API key and show it, once."""
    _require_visible(request, account_id)
    form = forms.KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, account_id, status=422, key_form=form)
    made = access.create_key(account=account_id, name=form.cleaned_data["name"], by=request.scope)
    return _page(request, account_id, token=made.token)


@require_POST
@access.requires(MANAGE)
def revoke_key(request: access.ScopedRequest, account_id: int, key_id: int) -> HttpResponse:
    """Make an API key useless."""

    def act(given: dict[str, Any]) -> str:
        access.revoke_key(key=key_id, reason=given["reason"], by=request.scope)
        return "Đã hủy khóa API."

    return _apply(request, account_id, forms.ReasonForm(request.POST), act, "reason_form")


def _apply(
    request: access.ScopedRequest,
    account_id: int,
    form: django_forms.Form,
    act: Callable[[dict[str, Any]], str],
    name: str,
) -> HttpResponse:
    """Do one thing and come back; what is wrong is said on the page, with what was typed."""
    _require_visible(request, account_id)
    if form.is_valid():
        try:
            messages.success(request, act(form.cleaned_data))
        except HaidangError as error:
            form.add_error(None, error.message)
        else:
            return redirect("access:manage_account", account_id=account_id)
    return _page(request, account_id, status=422, **{name: form})


def _page(
    request: access.ScopedRequest, account_id: int, status: int = 200, **more: Any
) -> HttpResponse:
    _require_visible(request, account_id)
    context = {
        "account": overview.detail(account_id, timezone.localdate()),
        "is_self": account_id == request.scope.account_id,
        "grant_form": forms.GrantForm(scope=request.scope),
        "password_form": forms.PasswordForm(),
        "key_form": forms.KeyForm(),
        "reason_form": None,
    }
    return render(request, "access/account_manage.html", context | more, status=status)


def _require_visible(request: access.ScopedRequest, account_id: int) -> None:
    """What lies outside one's coverage does not exist."""
    if not overview.visible(request.scope).filter(pk=account_id).exists():
        raise UnknownAccountError(account_id=account_id)
