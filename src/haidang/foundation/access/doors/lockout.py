"""What a visitor sees after too many wrong passwords: how long to wait."""

import datetime as dt
import math
from typing import Any

from axes.helpers import get_client_ip_address, get_client_username, get_cool_off
from axes.models import AccessAttempt
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone


def answer(
    request: HttpRequest, original: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """Answer a locked-out sign-in with 429 and the minutes that are left."""
    left = _left(request, credentials, timezone.now())
    context = {"minutes": max(1, math.ceil(left.total_seconds() / 60))}
    response = render(request, "access/locked.html", context, status=429)
    response["Retry-After"] = str(max(1, int(left.total_seconds())))
    return response


def username(request: HttpRequest, credentials: Any = None) -> str:
    """Return whose password was tried: in one spelling, as a sign-in ignores case."""
    tried = (credentials or {}).get("username") or request.POST.get("login", "")
    return str(tried).strip().lower()


def _left(request: HttpRequest, credentials: Any, now: dt.datetime) -> dt.timedelta:
    wait: dt.timedelta = get_cool_off(request)
    attempt = AccessAttempt.objects.filter(
        username=get_client_username(request, credentials),
        ip_address=get_client_ip_address(request),
    ).latest("attempt_time")
    ends: dt.datetime = attempt.attempt_time + wait
    return ends - now
