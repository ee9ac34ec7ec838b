from django.apps import AppConfig


class OrgConfig(AppConfig):
    name = "haidang.foundation.org"
    label = "org"
    verbose_name = "Tổ chức"
