from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "haidang.data.catalogue"
    label = "catalogue"
    verbose_name = "Danh mục dữ liệu"
