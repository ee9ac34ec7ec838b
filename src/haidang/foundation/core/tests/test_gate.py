import pytest
from django.http import HttpRequest, HttpResponse

from haidang.foundation.core import gate
from haidang.foundation.core.errors import NotAllowedError


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


def test_without_a_guard_nobody_enters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_guard", None)
    monkeypatch.setattr(gate, "_key_check", None)

    with pytest.raises(NotAllowedError):
        gate.requires("org.view")(page)(HttpRequest())
    assert gate.session_or_key("org.view")(HttpRequest()) is None
