"""What rests on a source or a device: the dataset that its rows come into."""

from collections.abc import Iterator

from django.urls import reverse

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.models import Device, Source
from haidang.data.ingest.permissions import VIEW
from haidang.foundation.access.api import Scope


def find_device(code: str, scope: Scope) -> catalogue.Subject | None:
    """Return a device as a thing; None outside the scope."""
    rows = Device.objects.select_related("source")
    seen = scope.filter(rows, VIEW, unit="source__supplier", sector="source__sector")
    found = seen.filter(code=code).first()
    if found is None:
        return None
    title, url = str(found), reverse("ingest:devices")
    return catalogue.Subject(title, url, found.unit_id, found.source.sector)


def direct(thing: catalogue.Thing, scope: Scope) -> Iterator[catalogue.Dependant]:
    """Yield the dataset of a source."""
    if thing.kind == "source":
        found = Source.objects.filter(code=thing.code).first()
        if found is not None:
            yield catalogue.dataset_dependant(found.dataset, scope, "nơi nguồn này nạp vào")
