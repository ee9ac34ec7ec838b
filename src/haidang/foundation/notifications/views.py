"""The inbox: what an account was told."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from haidang.foundation.access import api as access
from haidang.foundation.notifications import actions
from haidang.foundation.notifications.models import Message

PAGE = 25


@access.signed_in
def inbox(request: access.ScopedRequest) -> HttpResponse:
    """List the account's own messages, the newest first."""
    only_unread = request.GET.get("show") == "unread"
    mine = Message.objects.of(request.user.pk)
    rows = (mine.unread() if only_unread else mine).order_by("-pk")
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "only_unread": only_unread,
        "unread": mine.unread().count(),
    }
    return render(request, "notifications/inbox.html", context)


@require_POST
@access.signed_in
def open_message(request: access.ScopedRequest, message_id: int) -> HttpResponse:
    """Note that the message was read and go where it leads."""
    url = actions.mark_read(account_id=request.user.pk, message_id=message_id, now=timezone.now())
    is_own = url_has_allowed_host_and_scheme(url, allowed_hosts=None) and url.startswith("/")
    return redirect(url if is_own else "notifications:inbox")


@require_POST
@access.signed_in
def read_all(request: access.ScopedRequest) -> HttpResponse:
    """Note that everything was read."""
    count = actions.mark_all_read(account_id=request.user.pk, now=timezone.now())
    messages.success(request, f"Đã đánh dấu {count} thông báo là đã đọc.")
    return redirect("notifications:inbox")
