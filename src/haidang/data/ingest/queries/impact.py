"""What rests on a source or a device: the dataset that its rows come into."""

from collections.abc import Iterator, Sequence

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


def direct(things: Sequence[catalogue.Thing], scope: Scope) -> Iterator[catalogue.Told]:
    """Yield the datasets of sources."""
    found = dict(
        Source.objects.filter(code__in=catalogue.codes(things, "source")).values_list(
            "code", "dataset"
        )
    )
    told = catalogue.dataset_dependants(found.values(), scope, "nơi nguồn này nạp vào")
    for thing in things:
        if thing.kind == "source" and thing.code in found:
            yield thing, told[found[thing.code]]
