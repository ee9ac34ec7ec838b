"""Own errors become pages with a sentence, never a stack trace."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from haidang.foundation.core import errors
from haidang.project import failures

_HEADINGS = {403: "Không có quyền", 404: "Không tìm thấy"}
_MENDS = {
    403: "Nếu việc này thuộc phần việc của bạn, hãy nhờ quản trị hệ thống của đơn vị cấp quyền."
}
Next = Callable[[HttpRequest], HttpResponse]


class OwnErrors:
    """Show a HaidangError as the error page with its status; the API does this by itself."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if failures.is_nul(error):
            return failures.nul(request)
        if not isinstance(error, errors.HaidangError):
            return None
        from haidang.project.api import status_of

        status = status_of(error)
        heading = _HEADINGS.get(status, "")
        context = {
            "heading": heading,
            "message": error.message,
            "mend": _MENDS.get(status, ""),
            "is_account_linked": status == 403 and request.user.is_authenticated,
        }
        return render(request, "ui/error.html", context, status=status)
