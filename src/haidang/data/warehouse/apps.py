from django.apps import AppConfig


class WarehouseConfig(AppConfig):
    name = "haidang.data.warehouse"
    label = "warehouse"
    verbose_name = "Kho dữ liệu"

    def ready(self) -> None:
        from haidang.data.catalogue import api as catalogue
        from haidang.data.warehouse import queries

        catalogue.follow(queries.cannot_follow)
        from haidang.data.protection import api as protection
        from haidang.data.warehouse.actions import LakeRows

        protection.register("lake", LakeRows(), order=90)
