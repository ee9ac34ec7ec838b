from django.apps import AppConfig


class ProtectionConfig(AppConfig):
    name = "haidang.data.protection"
    label = "protection"
    verbose_name = "Bảo vệ dữ liệu"

    def ready(self) -> None:
        from haidang.data.protection import permissions
        from haidang.data.protection.queries import file_guard
        from haidang.foundation.core import files
        from haidang.foundation.ui import navigation

        files.guard(file_guard)
        navigation.register(
            label="Xóa theo pháp luật",
            url_name="protection:removals",
            icon="shield-check",
            capability=permissions.REQUEST,
            order=68,
        )
        navigation.register(
            label="Nhật ký dữ liệu cá nhân",
            url_name="protection:looks",
            icon="eye",
            capability=permissions.AUDIT,
            order=69,
        )
