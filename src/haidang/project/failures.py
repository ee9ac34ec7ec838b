"""What a visitor is told when a request fails: a page in words, or problem+json for the API."""

import json
import logging
import secrets

from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

log = logging.getLogger(__name__)


def problem(status: int, title: str, detail: str = "", **more: object) -> HttpResponse:
    """Return an error as application/problem+json."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return HttpResponse(
        json.dumps(body, ensure_ascii=False, default=str),
        status=status,
        content_type="application/problem+json; charset=utf-8",
    )


def answer(
    request: HttpRequest, status: int, heading: str, message: str, reference: str = ""
) -> HttpResponse:
    """Say what is wrong in the form that the visitor reads."""
    if request.path.startswith("/api/"):
        more = {"reference": reference} if reference else {}
        return problem(status, heading, message, **more)
    context = {"heading": heading, "message": message, "reference": reference}
    try:
        page = render_to_string("ui/error.html", context, request)
    except Exception:  # noqa: BLE001 - what broke the request may break its page too
        page = render_to_string("ui/error.html", context)
    return HttpResponse(page, status=status)


def too_large(path: str) -> HttpResponse:
    """Answer a body over the limit, before anybody knows who sends it."""
    limit = settings.MAX_UPLOAD_BYTES >> 20
    heading, message = (
        _("Tệp quá lớn"),
        _("Tệp vượt giới hạn %(limit)s MB. Chia nhỏ tệp, hoặc nhờ quản trị nâng giới hạn.")
        % {"limit": limit},
    )
    if path.startswith("/api/"):
        return problem(413, heading, message)
    context = {
        "heading": heading,
        "message": message,
        "back": path if not path.startswith("//") else "",
        "back_word": _("Chọn tệp khác"),
    }
    return HttpResponse(render_to_string("ui/error.html", context), status=413)


def is_nul(error: Exception) -> bool:
    """Tell whether PostgreSQL refused a text because of a NUL."""
    return isinstance(error, DataError | ValueError) and "NUL" in str(error)


def nul(request: HttpRequest) -> HttpResponse:
    """Answer a request that carries a NUL where text belongs."""
    message = _("Yêu cầu có ký tự NUL (byte 0), không phải chữ. Bỏ ký tự đó rồi gửi lại.")
    return answer(request, 400, _("Yêu cầu không hợp lệ"), message)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    message = _("Máy chủ không hiểu yêu cầu này. Tải lại trang rồi thử lại.")
    return answer(request, 400, _("Yêu cầu không hợp lệ"), message)


def not_allowed(
    request: HttpRequest, exception: Exception | None = None, reason: str = ""
) -> HttpResponse:
    if reason:  # Django gives one only for a form without its token
        message = _("Trang đã mở quá lâu. Quay lại, tải lại trang rồi gửi lần nữa.")
        return answer(request, 403, _("Biểu mẫu đã hết hạn"), message)
    message = _("Tài khoản không có quyền thực hiện việc này.")
    return answer(request, 403, _("Không có quyền"), message)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    message = _("Địa chỉ này không có, hoặc nội dung đã được chuyển đi.")
    return answer(request, 404, _("Không tìm thấy"), message)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer for a fault of ours; the reference finds its trace in the log."""
    reference = secrets.token_hex(4)
    log.exception("%s %s failed, reference %s", request.method, request.path, reference)
    message = _(
        "Lỗi ở phía hệ thống, không phải do bạn. Thử lại sau ít phút; nếu còn lỗi, báo mã tra cứu "
        "cho quản trị."
    )
    return answer(request, 500, _("Hệ thống gặp lỗi"), message, reference)
