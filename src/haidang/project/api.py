"""The typed API under /api/v1: every domain's `routes.router`, errors as problem+json."""

import importlib
import importlib.util

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Swagger
from ninja.errors import AuthenticationError, HttpError, ValidationError

from haidang import __version__
from haidang.foundation.access import api as access
from haidang.foundation.core import errors
from haidang.project import failures
from haidang.project.failures import problem

DOMAINS = (
    "foundation.calendar",
    "foundation.org",
    "foundation.access",
    "foundation.notifications",
    "foundation.obligations",
    "data.catalogue",
    "data.protection",
    "data.warehouse",
    "data.ingest",
    "data.pipelines",
    "insight.indicators",
    "action.alerts",
    "action.operations",
    "delivery.dashboards",
    "delivery.reporting",
)

api = NinjaAPI(
    title="API của nền tảng điều hành",
    description=(
        "Đăng nhập trên cùng trình duyệt, hoặc gửi khóa API: `Authorization: Bearer hd_…`. "
        "Lỗi trả về theo application/problem+json. Số liệu của thiết bị gửi tới "
        "`POST /api/v1/readings` (SenML) hoặc `POST /api/v2/write` (line protocol)."
    ),
    version=__version__,
    docs=Swagger(settings={"defaultModelsExpandDepth": -1}),
    auth=access.SessionOrKey(),
    docs_url="docs",
    openapi_url="openapi.json",
    urls_namespace="api",
)


def status_of(error: errors.HaidangError) -> int:
    """Return the HTTP status that an own error stands for."""
    if isinstance(error, errors.NotAllowedError):
        return 403
    if isinstance(error, errors.NotFoundError):
        return 404
    return int(str(error.details.get("status", 422)))


@api.exception_handler(errors.HaidangError)
def _own(request: HttpRequest, error: errors.HaidangError) -> HttpResponse:
    return problem(status_of(error), error.message)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem(401, "Chưa đăng nhập", "Đăng nhập, hoặc gửi khóa API trong Authorization.")


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem(422, "Yêu cầu không hợp lệ", "Xem từng lỗi trong errors.", errors=error.errors)


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, str(error))


@api.exception_handler(Exception)
def _any(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, Http404):
        return failures.not_found(request, error)
    return failures.nul(request) if failures.is_nul(error) else failures.broken(request)


for domain in DOMAINS:
    if importlib.util.find_spec(f"haidang.{domain}.routes"):
        api.add_router("", importlib.import_module(f"haidang.{domain}.routes").router)
