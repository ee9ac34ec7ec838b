from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OrgConfig(AppConfig):
    name = "haidang.foundation.org"
    label = "org"
    verbose_name = _("Tổ chức")

    def ready(self) -> None:
        from haidang.foundation.org.actions import participants
        from haidang.foundation.org.actions.competences import Competences
        from haidang.foundation.org.permissions import VIEW
        from haidang.foundation.ui import navigation

        participants.register("org", Competences())
        post_migrate.connect(_install_starter, sender=self)
        navigation.register(
            label="Đơn vị", url_name="org:list", icon="network", capability=VIEW, order=80
        )


def _install_starter(**kwargs: Any) -> None:
    from haidang.foundation.org.actions.imports import install_starter

    install_starter()
