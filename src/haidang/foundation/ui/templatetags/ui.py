"""Filters and small components of every template: {% load ui %}."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.http import QueryDict
from django.template.context import RequestContext
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from haidang.foundation.core import spreadsheet
from haidang.foundation.ui import assets, fields, formats, sparks, words
from haidang.foundation.ui import states as shown_states

register = template.Library()


@register.filter
def number(value: formats.Number | None, decimals: int | None = None) -> str:
    """{{ 1234.5|number:1 }} → 1.234,5; nothing → –"""
    return formats.number(value, decimals)


@register.filter
def percent(value: formats.Number | None, decimals: int = 0) -> str:
    """{{ 0.97|percent }} → 97%"""
    return formats.percent(value, decimals)


@register.filter
def day(value: date | datetime | None) -> str:
    """→ 23/11/2026"""
    return formats.day(value)


@register.filter
def size(value: int) -> str:
    """{{ 12400000|size }} → 12,4 MB"""
    return formats.size(value)


@register.filter(expects_localtime=False)
def when(value: date | datetime | None) -> SafeString | str:
    """→ 10:41 hôm nay, with the exact moment for machines and on hover."""
    text = formats.when(value, timezone.now())
    return _moment(value, text) if isinstance(value, datetime) else text


@register.filter(expects_localtime=False)
def as_of(value: datetime | None) -> SafeString | str:
    """→ 10:41 hôm nay, or hết 22/11/2026: up to when a figure's data go."""
    return _moment(value, formats.as_of(value, timezone.now())) if value else formats.NOTHING


@register.filter(expects_localtime=False)
def ago(value: datetime | None) -> SafeString | str:
    """→ 5 phút trước"""
    text = formats.ago(value, timezone.now())
    return _moment(value, text) if value else text


def _moment(value: datetime, text: str) -> SafeString:
    exact = f"{formats.clock_time(value)} {formats.day(value)}"
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact, text)


@register.simple_tag
def clock(due: datetime | None, soon_minutes: int = 240, kind: str = "") -> SafeString:
    """{% clock due %} → còn 22 phút, coloured by urgency; kind "làm việc": working time."""
    now = timezone.now()
    left = (due - now).total_seconds() / 60 if due else None
    state = "info" if left is None else _urgency(left, soon_minutes)
    said = f"{formats.remaining(due, now)} {kind}".strip()
    if due is None:
        return format_html('<span class="clock s-info">{}</span>', said)
    return format_html(
        '<time class="clock s-{}" datetime="{}" title="hạn {}">{}</time>',
        state,
        due.isoformat(),
        f"{formats.clock_time(due)} {formats.day(due)}",
        said,
    )


def _urgency(left: float, soon: int) -> str:
    if left < 0:
        return "critical"
    return "watch" if left < soon else "info"


@register.simple_tag
def sign(code: str) -> SafeString:
    """{% sign "critical" %}: the sign alone, hidden from readers; put its word beside it."""
    state = shown_states.state(code)
    style = 'fill="none" stroke-width="1.6"' if state.hollow else 'stroke-width="0"'
    dashes = ' stroke-dasharray="2 1.75"' if code == "stale" else ""
    return mark_safe(  # noqa: S308 - constants only
        f'<svg class="sign" viewBox="0 0 12 12" aria-hidden="true">'
        f'<path d="{state.path}" {style}{dashes}/></svg>'
    )


@register.simple_tag
def state(code: str, hazard: bool = True, word: str = "") -> SafeString:
    """{% state figure.state figure.hazard %}: sign, word and colour of a state."""
    shown = shown_states.state(code)
    return format_html(
        '<span class="state {}">{}{}</span>',
        shown.css,
        sign(code),
        word or shown.word(hazard=hazard),
    )


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """{% icon "inbox" %}: an icon of the sprite; with a label it is read out."""
    about = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="icon" {}><use href="{}#{}"/></svg>',
        mark_safe(about),  # noqa: S308 - escaped above
        assets.built("icons.svg"),
        name,
    )


@register.simple_tag
def asset(name: str) -> str:
    """{% asset "styles.css" %}: the address of a built file."""
    return assets.built(name)


@register.simple_tag
def spark(values: Sequence[float | None], decimals: int = 0, about: str = "") -> SafeString:
    """{% spark values 1 "12 tháng" %}: a small course with its highest and lowest value."""
    return sparks.draw(values, decimals=decimals, about=about)


@register.simple_tag
def progress(value: float, maximum: float = 1, label: str = "") -> SafeString:
    """{% progress 37 120 "Đã đọc" %}; a value below 0 means: running, unknown how far."""
    if value < 0:
        return format_html('<progress aria-label="{}"></progress>', label)
    return format_html(
        '<progress value="{}" max="{}" aria-label="{}"></progress>', value, maximum, label
    )


@register.simple_tag
def attributes(**given: Any) -> SafeString:
    """Write the given attributes that are not empty, underscores as hyphens."""
    pairs = ((key.replace("_", "-"), value) for key, value in given.items() if value)
    return format_html_join("", ' {}="{}"', pairs)


@register.simple_tag(takes_context=True)
def query(context: RequestContext, **changes: Any) -> str:
    """{% query page=2 %}: this page's query with changes; an empty value takes a key away."""
    request = context.get("request")
    parameters = request.GET.copy() if request else QueryDict(mutable=True)
    for key, value in changes.items():
        if value in (None, ""):
            parameters.pop(key, None)
        else:
            parameters[key] = str(value)
    return f"?{parameters.urlencode()}" if parameters else "?"


@register.inclusion_tag("ui/_sort.html", takes_context=True)
def sort(context: RequestContext, column: str, label: str, css: str = "") -> dict[str, Any]:
    """{% sort "name" "Tên" %}: a <th> that sorts by ?sort=name, then by ?sort=-name."""
    now = context["request"].GET.get("sort", "")
    direction = {column: "ascending", f"-{column}": "descending"}.get(now, "")
    other = f"-{column}" if now == column else column
    address = query(context, sort=other, page=None)
    return {"label": label, "direction": direction, "address": address, "css": css}


@register.inclusion_tag("ui/_field.html")
def field(bound: Any, unit: str = "", source: str = "", unusual: str = "") -> dict[str, Any]:
    """{% field form.value unit="ca" source="điền sẵn · CDC" %}: label, control, help, errors."""
    return fields.context(bound, unit=unit, source=source, unusual=unusual)


@register.inclusion_tag("ui/_pager.html", takes_context=True)
def pager(context: RequestContext, page: Any, noun: str = "dòng") -> dict[str, Any]:
    """{% pager page "cảnh báo" %}: "hiển thị 1–50 trong 2.120 cảnh báo" and the pages' links."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {"page": page, "noun": noun, "numbers": list(numbers), "request": context["request"]}


@register.inclusion_tag("ui/_exports.html", takes_context=True)
def exports(context: RequestContext) -> dict[str, Any]:
    """{% exports %}: the list as it is filtered, as CSV and as XLSX."""
    links = [
        (query(context, format=kind, page=None), word) for kind, word in spreadsheet.FORMATS.items()
    ]
    return {"links": links}


@register.filter
def may(scope: Any, capability: str) -> bool:
    """{% if request.scope|may:"ingest.approve" %}: whether the reader may do it anywhere."""
    return bool(scope and scope.allows(capability))


@register.filter
def initials(name: object) -> str:
    """Nguyễn Văn An → NA"""
    parts = str(name).split()
    return "".join(word[0] for word in (parts[:1] + parts[1:][-1:])).upper()


@register.filter
def source_word(code: str) -> str:
    """automatic → tự động"""
    return words.SOURCES.get(code, code)


@register.filter
def status_word(code: str) -> str:
    """preliminary → sơ bộ"""
    return words.STATUSES.get(code, code)


@register.filter
def approval_word(code: str) -> str:
    """approved → đã duyệt"""
    return words.APPROVALS.get(code, code)
