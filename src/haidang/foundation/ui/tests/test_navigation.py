"""Which entry of the menu a page belongs to."""

import pytest
from django.test import RequestFactory

from haidang.foundation.ui import navigation


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("/console/", "/console/"),
        ("/console/gallery/", "/console/gallery/"),
        ("/console/gallery/buttons/", "/console/gallery/"),
        ("/console/nowhere/", None),
    ],
)
def test_the_home_entry_holds_its_own_page_only(
    monkeypatch: pytest.MonkeyPatch, path: str, entry: str | None
) -> None:
    monkeypatch.setattr(navigation, "_entries", {})
    navigation.register(label="Bảng", url_name="dashboards:board", icon="map", order=1)
    navigation.register(label="Mẫu", url_name="ui:gallery", icon="palette", order=2)
    shown = navigation.items(RequestFactory().get(path))
    assert [item.url for item in shown if item.current] == ([entry] if entry else [])
