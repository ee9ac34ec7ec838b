from typing import Any

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "haidang.foundation.notifications"
    label = "notifications"
    verbose_name = "Thông báo"

    def ready(self) -> None:
        from haidang.foundation.ui import chrome

        chrome.provide("inbox", _unread)
        chrome.provide("inbox_url", _inbox_url)


def _unread(request: Any) -> int:
    from haidang.foundation.notifications import api

    return api.unread_count(request.user.pk) if request.user.is_authenticated else 0


def _inbox_url(request: Any) -> str:
    from django.urls import reverse

    return reverse("notifications:inbox") if request.user.is_authenticated else ""
