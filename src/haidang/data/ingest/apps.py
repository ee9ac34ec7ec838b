from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "haidang.data.ingest"
    label = "ingest"
    verbose_name = "Thu nhận dữ liệu"
