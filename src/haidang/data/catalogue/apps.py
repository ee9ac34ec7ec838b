from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "haidang.data.catalogue"
    label = "catalogue"
    verbose_name = "Danh mục dữ liệu"

    def ready(self) -> None:
        from haidang.data.catalogue import kinds
        from haidang.data.catalogue.actions import reforms
        from haidang.data.catalogue.actions.difficulties import KIND
        from haidang.data.catalogue.permissions import RAISE, VIEW
        from haidang.data.catalogue.queries import impact, subject
        from haidang.data.catalogue.queries.contracts import field_subject
        from haidang.foundation.obligations import api as obligations
        from haidang.foundation.org import api as org
        from haidang.foundation.ui import navigation

        org.register_participant("catalogue", reforms.holdings())
        kinds.register("dataset", "Bộ dữ liệu", subject)
        impact.register("dataset", "Bộ dữ liệu", subject)
        impact.register("field", "Trường", field_subject)
        obligations.register_kind(KIND, "Tháo gỡ vướng mắc", answered_by=RAISE)
        navigation.register(
            label="Danh mục dữ liệu",
            url_name="catalogue:datasets",
            icon="book-open",
            capability=VIEW,
            order=62,
        )
        navigation.register(
            label="Vướng mắc",
            url_name="catalogue:difficulties",
            icon="circle-help",
            capability=VIEW,
            order=63,
        )
