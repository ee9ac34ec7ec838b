from django.apps import AppConfig


class WarehouseConfig(AppConfig):
    name = "haidang.data.warehouse"
    label = "warehouse"
    verbose_name = "Kho dữ liệu"
