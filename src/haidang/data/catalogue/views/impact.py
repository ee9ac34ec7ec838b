"""What depends on a thing, as a picture with its table."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from haidang.data.catalogue.permissions import VIEW
from haidang.data.catalogue.queries import impact
from haidang.foundation.access.api import ScopedRequest, requires


@require_GET
@requires(VIEW)
def show(request: ScopedRequest, kind: str, code: str) -> HttpResponse:
    """Show what would be touched if this thing changed."""
    found = impact.impact(kind, code, request.scope)
    context = {"found": found, "picture": found.picture(), "word": impact.word(kind)}
    return render(request, "catalogue/impact.html", context)
