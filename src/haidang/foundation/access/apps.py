from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccessConfig(AppConfig):
    name = "haidang.foundation.access"
    label = "access"
    verbose_name = "Truy cập"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from haidang.foundation.access import api
        from haidang.foundation.access.actions import accounts, reforms
        from haidang.foundation.core import gate
        from haidang.foundation.org import api as org
        from haidang.foundation.ui import chrome, navigation

        gate.install(guard=api.requires, key_check=api.SessionOrKey())
        org.register_participant("access", reforms.Grants())
        post_migrate.connect(_install_roles, sender=self)
        user_logged_in.connect(accounts.note_sign_in)
        user_logged_out.connect(accounts.note_sign_out)
        chrome.provide("account_links", _account_links)
        navigation.register(
            label="Tài khoản, phân quyền",
            url_name="access:accounts",
            icon="key-round",
            capability="access.manage",
            order=95,
        )


def _install_roles(**_: object) -> None:
    from haidang.foundation.access import api

    api.install_roles()


def _account_links(_: object) -> list[tuple[str, str, str]]:
    from django.urls import reverse

    return [("Tài khoản của tôi", reverse("access:account"), "user")]
