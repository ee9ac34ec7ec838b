"""The page of differences: a file that is not as agreed, and a person's answer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api
from haidang.data.ingest.actions import consent, structures
from haidang.data.ingest.models import Run
from haidang.data.ingest.queries import listing
from haidang.data.ingest.rules.structure import Difference
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core.errors import HaidangError

MANAGE = "ingest.manage"
KINDS = {"new": "cột mới", "gone": "mất cột", "type": "đổi kiểu số liệu"}
TYPES = {
    "string": "chữ",
    "integer": "số nguyên",
    "number": "số",
    "boolean": "đúng, sai",
    "date": "ngày",
    "datetime": "thời điểm",
    "year": "năm",
    "yearmonth": "tháng",
    "unit": "đơn vị hành chính",
}


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def structure(request: ScopedRequest, run_id: int) -> HttpResponse:
    """Show the differences; take consent (`do=agree`) or refusal (`do=refuse`)."""
    found = listing.run_seen(request.scope, run_id)
    request.scope.require(MANAGE, found.source.supplier_id, found.source.sector)
    if found.status != Run.Status.WAITING:
        return redirect("ingest:run", run_id)
    asked, failure = request.POST.get("do"), ""
    reason = request.POST.get("reason", "")
    told = consent.choices_of(found)
    answers = [request.POST.get(f"answer-{at}", said) for at, (_one, _all, said) in enumerate(told)]
    if asked:
        try:
            return _decided(request, found, asked, answers, reason)
        except HaidangError as error:
            failure = error.message
    context = {
        "run": found,
        "source": found.source,
        "lines": _lines(found, told, answers),
        "agreed": found.source.structures.order_by("-number")[:10],
        "columns": len(structures.agreed(found.source)),
        "failure": failure,
        "reason": reason,
    }
    return render(request, "ingest/structure.html", context, status=422 if failure else 200)


def _decided(
    request: ScopedRequest, found: Run, asked: str, answers: list[str], reason: str
) -> HttpResponse:
    if asked == "refuse":
        api.refuse_structure(run=found.pk, reason=reason, by=request.scope)
        messages.warning(request, _("Đã từ chối cấu trúc mới. Tệp gốc vẫn được giữ."))
        return redirect("ingest:run", found.pk)
    receipt = api.agree_structure(run=found.pk, answers=answers, reason=reason, by=request.scope)
    if receipt.status == Run.Status.WAITING:
        messages.warning(request, _("Đã ghi ý kiến; tệp còn khác biệt khác."))
        return redirect("ingest:structure", found.pk)
    messages.success(request, _("Đã đồng ý cấu trúc mới; lượt nạp đi tiếp."))
    return redirect("ingest:run", found.pk)


def _lines(
    found: Run, told: list[tuple[Difference, list[str], str]], answers: list[str]
) -> list[dict[str, object]]:
    """One line for each difference: in words, with its answers in words."""
    fields = {each.name: each for each in catalogue.newest(found.dataset).fields}
    titles = {name: each.title for name, each in fields.items()}
    return [
        {
            "name": f"answer-{at}",
            "heading": one.heading,
            "kind": KINDS[one.kind],
            "state": "critical" if one.is_needed else "watch",
            "sentence": _sentence(one, titles, fields),
            "choices": [(code, _answer(code, one, titles)) for code in several],
            "chosen": answers[at],
        }
        for at, (one, several, _said) in enumerate(told)
    ]


def _sentence(
    one: Difference, titles: dict[str, str], fields: dict[str, catalogue.FieldSpec]
) -> str:
    if one.kind == "new":
        return "Cột này chưa có trong hợp đồng và bản khai cột."
    title = titles.get(one.field, one.field)
    if one.kind == "gone":
        need = "bắt buộc" if one.is_needed else "không bắt buộc"
        like = f" Có thể nay là cột “{one.like}”." if one.like else ""
        return f"Trường “{title}” ({need}) không còn cột nào trong tệp.{like}"
    was = TYPES.get(fields[one.field].type, "") if one.field in fields else ""
    return f"Trường “{title}” kiểu {was}, nhưng phần lớn ô đọc được là {TYPES[one.found]}."


def _answer(code: str, one: Difference, titles: dict[str, str]) -> str:
    if code.startswith("is:"):
        name = code.removeprefix("is:")
        return f"Là trường “{titles.get(name, name)}” dưới tên mới"
    return {
        "skip": "Không nạp cột này",
        "add": f"Thêm thành trường mới (kiểu {TYPES.get(one.found, 'chữ')}, không bắt buộc)",
        "moved": "Cột khác thay cột này (chọn ở dòng cột mới)",
        "absent": "Đồng ý để trống từ nay",
        "optional": "Trường thôi bắt buộc (phiên bản hợp đồng mới)",
        "keep": "Giữ kiểu cũ: ô không đọc được thì chờ xử lý",
        "widen": f"Đổi kiểu thành {TYPES.get(one.found, '')} (phiên bản hợp đồng mới)",
        "apart": f"Nạp vào trường mới kiểu {TYPES.get(one.found, '')}, trường cũ thôi bắt buộc",
    }[code]
