"""One's own account: who I am, what I may do and where."""

from allauth.account.views import password_change
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from haidang.foundation.access import api as access
from haidang.foundation.access.queries import overview


@access.signed_in
def mine(request: access.ScopedRequest) -> HttpResponse:
    """Show the account's roles and their coverage in words."""
    today = timezone.localdate()
    context = {"account": overview.detail(request.user.pk, today)}
    return render(request, "access/account.html", context)


@access.signed_in
def change_password(request: access.ScopedRequest) -> HttpResponse:
    """Ask for the present password and twice the new one; there may be none to change."""
    if not request.user.has_usable_password():
        return render(request, "access/no_password.html")
    answer: HttpResponse = password_change(request)
    return answer
