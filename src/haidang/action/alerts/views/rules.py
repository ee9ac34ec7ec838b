"""Pages of rules: the list, and for those who manage alerts a new version or the end of a rule."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from haidang.action.alerts import actions, errors, queries
from haidang.action.alerts.forms import RetireForm, RuleForm
from haidang.foundation.access import api as access
from haidang.foundation.access.api import ScopedRequest
from haidang.foundation.core.errors import HaidangError, NotAllowedError

MANAGE = "alerts.manage"


@require_GET
@access.requires("alerts.view")
def rule_list(request: ScopedRequest) -> HttpResponse:
    shown = {
        "rows": queries.rule_rows(now=timezone.now()),
        "may_manage": request.scope.allows(MANAGE),
    }
    return render(request, "alerts/rules.html", shown)


@require_http_methods(["GET", "POST"])
@access.requires(MANAGE)
def new_rule(request: ScopedRequest) -> HttpResponse:
    """Put a rule of one's own in force."""
    form = RuleForm(request.POST or None, is_new=True)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if _save(request, form, given["code"], given["kind"], is_new=True):
            return redirect("alerts:rules")
    return _form(request, form, None)


@require_http_methods(["GET", "POST"])
@access.requires(MANAGE)
def change_rule(request: ScopedRequest, code: str) -> HttpResponse:
    """Put another version in force from now on; the one before stays in the list."""
    rule = queries.current_rule(code, now=timezone.now())
    form = RuleForm(request.POST or None, is_new=False, initial=_said(rule))
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and _save(request, form, rule.code, rule.kind, is_new=False):
        return redirect("alerts:rules")
    return _form(request, form, rule)


@require_POST
@access.requires(MANAGE)
def retire_rule(request: ScopedRequest, code: str) -> HttpResponse:
    """End a rule; what it raised stays until it is closed."""
    form = RetireForm(request.POST)
    if not form.is_valid():
        messages.error(request, errors.RuleNeedsReasonError().message)
        return redirect("alerts:change_rule", code)
    reason = form.cleaned_data["reason"]
    actions.retire_rule(code=code, reason=reason, by=request.scope, now=timezone.now())
    messages.success(request, _("Quy tắc đã hết hiệu lực."))
    return redirect("alerts:rules")


def _save(request: ScopedRequest, form: RuleForm, code: str, kind: str, *, is_new: bool) -> bool:
    """Define the rule; show on the form what is wrong with it and return False."""
    try:
        actions.define_rule(
            code=code,
            kind=kind,
            owner_id=queries.centre(),
            reason=form.cleaned_data["reason"],
            by=request.scope,
            now=timezone.now(),
            is_new=is_new,
            **form.content(),
        )
    except NotAllowedError:
        raise
    except HaidangError as error:
        form.add_error(None, error.message)
        return False
    messages.success(request, _("Quy tắc có hiệu lực từ bây giờ."))
    return True


def _said(rule: queries.RuleRow) -> dict[str, object]:
    return {
        "name": rule.name,
        "subject": rule.subject,
        "sector": rule.sector_code,
        "unit": rule.unit_code,
        "raises": rule.raises,
        "clears": rule.clears,
        "hold_minutes": int(rule.hold.total_seconds()) // 60,
        "severity": rule.severity,
    }


def _form(request: ScopedRequest, form: RuleForm, rule: queries.RuleRow | None) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "alerts/rule.html", {"form": form, "rule": rule}, status=status)
