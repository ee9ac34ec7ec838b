"""Pages of quality rules: datasets, a dataset's rules, a new one, one with its trend."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api
from haidang.data.ingest.forms.judging import NEEDS_OTHER, KindForm, RuleForm
from haidang.data.ingest.queries import judging
from haidang.data.ingest.rules.judging import KINDS
from haidang.data.ingest.tables.judging import DATASETS, RULES
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core.errors import HaidangError
from haidang.foundation.core.text import fold

VIEW = "ingest.view"
MANAGE = "catalogue.manage"


@require_GET
@requires(VIEW)
def datasets(request: ScopedRequest) -> HttpResponseBase:
    """List datasets with their rules."""
    words = request.GET.get("q", "")
    found = judging.counted(request.scope, timezone.now())
    narrowed = [one for one in found if fold(words) in fold(one.dataset.title)]
    rows = DATASETS.sorted(request, narrowed)
    if table := DATASETS.export(request, rows):
        return table
    context = {"page": DATASETS.page(request, rows), "words": words}
    return render(request, "ingest/rule_datasets.html", context)


@require_GET
@requires(VIEW)
def rules(request: ScopedRequest, dataset: str) -> HttpResponseBase:
    """List a dataset's rules with what they found."""
    ref = judging.dataset_seen(request.scope, dataset)
    found = RULES.sorted(request, judging.rules_of(request.scope, dataset))
    if table := RULES.export(request, found):
        return table
    context = {
        "ref": ref,
        "page": RULES.page(request, found),
        "may_manage": _may(request, ref),
    }
    return render(request, "ingest/rules.html", context)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def new(request: ScopedRequest, dataset: str) -> HttpResponse:
    """Choose the kind (`?kind=`, `?other=`), then fill in; the rule is off until it was tried."""
    ref = judging.dataset_seen(request.scope, dataset)
    request.scope.require(MANAGE, unit_id=ref.owner_unit_id, sector=ref.sector)
    seen = [one for one in catalogue.datasets(request.scope) if one.kind == "table"]
    kinds = KindForm(request.GET or None, datasets=seen)
    form = None
    if kinds.is_valid():
        kind, other = kinds.cleaned_data["kind"], kinds.cleaned_data["other"]
        if kind not in NEEDS_OTHER or other:
            form = RuleForm(
                request.POST or None,
                kind=kind,
                contract=catalogue.contract(dataset),
                other=catalogue.contract(other) if other else None,
            )
    if form is not None and form.is_valid():
        try:
            said = form.cleaned_data
            made = api.declare_rule(
                dataset=dataset, title=said["title"], kind=form.kind, settings=form.settings(),
                severity=said["severity"], owner_unit_id=said["owner"], reason=said["reason"],
                by=request.scope,
            )  # fmt: skip
            messages.success(request, _("Đã khai quy tắc. Chạy thử rồi bật."))
            return redirect("ingest:rule", dataset, made.pk)
        except HaidangError as error:
            form.add_error(None, error.message)
    lacks = kinds.is_valid() and form is None
    context = {"ref": ref, "kinds": kinds, "form": form, "lacks_other": lacks}
    wrong = form is not None and bool(form.errors)
    return render(request, "ingest/rule_new.html", context, status=422 if wrong else 200)


@require_http_methods(["GET", "POST"])
@requires(VIEW)
def rule(request: ScopedRequest, dataset: str, rule_id: int) -> HttpResponse:
    """Show a rule and its trend; try it (`do=try`), switch it (`do=on`, `do=off`)."""
    ref = judging.dataset_seen(request.scope, dataset)
    found = judging.rule_seen(request.scope, dataset, rule_id)
    asked, failure, tried = request.POST.get("do"), "", None
    if asked:
        request.scope.require(MANAGE, unit_id=ref.owner_unit_id, sector=ref.sector)
        try:
            if asked == "try":
                tried = api.try_rule(rule=found, scope=request.scope)
            else:
                reason = request.POST.get("reason", "")
                api.switch_rule(rule=rule_id, on=asked == "on", reason=reason, by=request.scope)
                messages.success(request, _("Đã ghi. Áp dụng từ lượt nạp sau."))
                return redirect("ingest:rule", dataset, rule_id)
        except HaidangError as error:
            failure = error.message
    followed = judging.followed(request.scope, [found])[0]
    context = {
        "ref": ref,
        "rule": found,
        "one": followed,
        "recent": followed.bars[::-1],
        "kind": KINDS.get(found.kind, found.kind),
        "settings": _settings(found.settings, dataset),
        "tried": tried,
        "failure": failure,
        "may_manage": _may(request, ref),
    }
    return render(request, "ingest/rule.html", context, status=422 if failure else 200)


def _settings(settings: dict[str, object], dataset: str) -> list[tuple[str, str]]:
    """Return what a rule was told, in words."""
    words = {
        "left": "Bên trái", "operator": "Phép so sánh", "right": "Bên phải", "parts": "Cộng",
        "total": "Tổng", "tolerance": "Sai số", "field": "Trường", "codes": "Danh mục mã",
        "dataset": "Bộ đối chiếu", "to": "Trường của bộ đối chiếu", "by": "Ghép theo",
        "percent": "Phần trăm", "last": "Số giá trị gần nhất", "times": "Số lần MAD",
    }  # fmt: skip
    titles = {field.name: field.title for field in catalogue.contract(dataset).fields}
    told = []
    for key, value in settings.items():
        several = value if isinstance(value, list) else [value]
        said = ", ".join(titles.get(str(one), str(one)) for one in several)
        told.append((words.get(key, key), said or "–"))
    return told


def _may(request: ScopedRequest, ref: catalogue.DatasetRef) -> bool:
    return request.scope.allows(MANAGE, ref.owner_unit_id, ref.sector)
