from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccessConfig(AppConfig):
    name = "haidang.foundation.access"
    label = "access"
    verbose_name = "Truy cập"

    def ready(self) -> None:
        from haidang.foundation.access import api
        from haidang.foundation.core import gate

        gate.install(guard=api.requires, key_check=api.SessionOrKey())
        post_migrate.connect(_install_roles, sender=self)


def _install_roles(**_: object) -> None:
    from haidang.foundation.access import api

    api.install_roles()
