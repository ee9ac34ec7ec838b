from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "haidang.data.catalogue"
    label = "catalogue"
    verbose_name = "Danh mục dữ liệu"

    def ready(self) -> None:
        from haidang.data.catalogue.permissions import VIEW
        from haidang.foundation.ui import navigation

        navigation.register(
            label="Danh mục dữ liệu",
            url_name="catalogue:datasets",
            icon="book-open",
            capability=VIEW,
            order=62,
        )
