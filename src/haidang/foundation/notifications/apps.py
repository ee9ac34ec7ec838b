from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "haidang.foundation.notifications"
    label = "notifications"
    verbose_name = "Thông báo"
