from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OrgConfig(AppConfig):
    name = "haidang.foundation.org"
    label = "org"
    verbose_name = _("Tổ chức")

    def ready(self) -> None:
        post_migrate.connect(_install_starter, sender=self)


def _install_starter(**kwargs: Any) -> None:
    from haidang.foundation.org.actions.imports import install_starter

    install_starter()
