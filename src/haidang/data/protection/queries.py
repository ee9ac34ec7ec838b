"""What may be seen and what may come: glasses, guards, removals and looks within a scope."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from haidang.data.catalogue import api as catalogue
from haidang.data.protection import errors, permissions
from haidang.data.protection.models import Erased, Look, Removal, Retention
from haidang.data.protection.rules import hashing, masks
from haidang.data.protection.rules.targets import Groups, Limits, Target
from haidang.foundation.access.api import Scope
from haidang.foundation.core import files
from haidang.foundation.org import api as org

SHORTEST_PURPOSE = 10
_WHOLE = ("", "original")  # what a waiting row keeps of a line that could not be parted


@dataclass(frozen=True)
class Glass:
    """How one reader sees the personal data of one dataset: masked, or clear and noted."""

    dataset: str
    owner_unit_id: int
    sector: str
    scope: Scope = field(repr=False)
    purpose: str = ""
    masked: Mapping[str, masks.PersonalClass] = field(default_factory=dict)
    clear: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is masked."""
        return not self.masked

    @cached_property
    def may_ask(self) -> bool:
        """Tell whether stating a purpose would show more."""
        return bool(self.masked) and self.scope.allows(
            permissions.VIEW, self.owner_unit_id, self.sector
        )

    def cell(self, column: str, value: Any) -> Any:
        """Return a value as it may be shown."""
        found = self.masked.get(column)
        return value if found is None else found.mask(value)

    def row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row by the names of its columns; what is of no column is masked whole."""
        if self.is_whole:
            return dict(row)
        return {
            name: masks.DOTS if name in _WHOLE else self.cell(name, value)
            for name, value in row.items()
        }

    def reasons(self, reasons: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
        """Return why a row waits, without the values that sentences quote."""
        return [
            {**one, "message": "Giá trị không hợp lệ (nội dung được che)."}
            if one.get("field", "") in self.masked or (self.masked and not one.get("field"))
            else dict(one)
            for one in reasons
        ]

    def note(self, columns: Iterable[str], rows: int, way: str) -> None:
        """Remember that the reader saw clear columns of some rows."""
        seen = sorted(self.clear & set(columns))
        if not seen or not rows or self.scope.is_everything:
            return
        Look.objects.create(
            account_id=self.scope.account_id,
            label=self.scope.label,
            dataset=self.dataset,
            owner_unit_id=self.owner_unit_id,
            sector=self.sector,
            columns=seen,
            rows=rows,
            way=way,
            purpose=self.purpose,
        )

    def require_whole(self) -> None:
        """Raise ClosedDataError where anything would be masked."""
        if not self.is_whole:
            raise errors.ClosedDataError


def glass(
    dataset: str, owner_unit_id: int | None, sector: str | None, scope: Scope, purpose: str = ""
) -> Glass:
    """Return how a reader sees a dataset's personal data; the system itself sees everything."""
    said = {} if scope.is_everything else catalogue.personal_classes(dataset)
    if not said:
        return Glass(dataset, owner_unit_id or 0, sector or "", scope)
    owner = owner_unit_id or org.root().id
    purpose = " ".join(purpose.split())[:500]
    may, told = (
        scope.allows(permissions.VIEW, owner, sector or ""),
        len(purpose) >= SHORTEST_PURPOSE,
    )
    classes = {name: masks.class_of(word) for name, word in said.items()}
    masked = {
        name: one for name, one in classes.items() if not may or (one.needs_purpose and not told)
    }
    return Glass(
        dataset, owner, sector or "", scope, purpose, masked, frozenset(classes) - set(masked)
    )


def key() -> bytes:
    """Return the key of this installation's hashes."""
    return hashing.key_of(settings.SECRET_KEY)


def file_guard(sha256: str) -> str:
    """Tell of a stored file's content: "refused", "erased" (and welcome again), or ""."""
    found = Erased.objects.filter(kind="file", hash=hashing.of_text(key(), "file", sha256))
    states = set(found.values_list("refuses", flat=True))
    return "refused" if True in states else "erased" if states else ""


@dataclass(frozen=True)
class Guard:
    """Which rows of a dataset may not come again."""

    groups: tuple[tuple[str, ...], ...]
    refuses: Callable[[Sequence[Any]], int | None]


def row_guard(dataset: str) -> Guard | None:
    """Return what refuses a dataset's removed rows; None where nothing is refused."""
    asked = Removal.objects.filter(refuses=True, state__in=["approved", "done"])
    found = list(asked.filter(groups__has_key=dataset).values_list("pk", "groups", "hashes"))
    if not found:
        return None
    groups = tuple(sorted({tuple(one) for _, said, _ in found for one in said[dataset]}))
    wanted = {text: number for number, _, hashes in found for text in hashes}
    secret = key()

    def refuses(values: Sequence[Any]) -> int | None:
        if any(value is None or value == "" for value in values):
            return None
        return wanted.get(hashing.of_values(secret, values))

    return Guard(groups, refuses)


def target(removal: Removal) -> Target:
    """Return what a removal takes away. Raises LostKeyError."""
    secret = key()
    if removal.key != hashing.fingerprint(secret):
        raise errors.LostKeyError
    groups: Groups = {
        dataset: tuple(tuple(group) for group in said) for dataset, said in removal.groups.items()
    }
    return Target(
        removal=str(removal.uuid),
        key=secret,
        groups=groups,
        hashes=frozenset(removal.hashes),
        batches={dataset: frozenset(said) for dataset, said in removal.batches.items()},
        files=frozenset(removal.files),
        expired={dataset: _limits(said) for dataset, said in removal.expired.items()},
    )


def _limits(said: Mapping[str, str | None]) -> Limits:
    rows, files = (said.get(name) for name in ("rows", "files"))
    return Limits(
        datetime.fromisoformat(rows) if rows else None,
        datetime.fromisoformat(files) if files else None,
    )


@dataclass(frozen=True)
class Gone:
    """Why something is not there any more, when it went, and on which ground."""

    is_over: bool
    at: datetime
    legal_basis: str


def gone_file(sha256: str) -> Gone | None:
    """Return why a stored file's content is not kept any more; None where nothing removed it."""
    if files.path(sha256).exists():
        return None
    hashed = hashing.of_text(key(), "file", sha256)
    found = Erased.objects.filter(kind="file", hash=hashed).select_related("removal")
    one = found.order_by("-removal__asked_at").first()
    if one is None:
        return None
    removal = one.removal
    is_over = removal.kind == Removal.Kind.EXPIRED
    return Gone(is_over, removal.done_at or removal.asked_at, removal.legal_basis)


def retention_of(dataset: str, scope: Scope) -> Retention | None:
    """Return the period of a dataset; None where it is kept for good or may not be seen."""
    return retentions(scope).filter(dataset=dataset).first()


def require_retaining(dataset: str, scope: Scope) -> None:
    """Raise NotAllowedError where the scope does not answer for how long a dataset is kept."""
    contract = catalogue.contract(dataset)
    owner, sector = contract.owner_unit_id or org.root().id, contract.sector or ""
    if not scope.allows(permissions.APPROVE, owner, sector):
        scope.require(permissions.REQUEST, owner, sector)


def expired_among(removals: Iterable[str]) -> frozenset[str]:
    """Return those removals that took away only what was over."""
    expired = Removal.objects.filter(kind=Removal.Kind.EXPIRED)
    named = expired.annotate(name=Cast("uuid", TextField())).filter(name__in=list(removals))
    return frozenset(named.values_list("name", flat=True))


def retentions(scope: Scope) -> QuerySet[Retention]:
    """Return the retention periods that the scope may propose or decide on, by dataset."""
    rows = Retention.objects.all()
    asked = scope.filter(rows, permissions.REQUEST, unit="owner_unit", sector="sector")
    decided = scope.filter(rows, permissions.APPROVE, unit="owner_unit", sector="sector")
    return (asked | decided).order_by("dataset")


def standing(dataset: str) -> list[tuple[int, Target]]:
    """Return the removals whose rows a dataset may not bring again."""
    asked = Removal.objects.filter(refuses=True, state__in=["approved", "done"])
    return [(one.pk, target(one)) for one in asked.filter(groups__has_key=dataset).order_by("pk")]


def personal_groups(code: str) -> Groups:
    """Return for each dataset the columns that hold a class of personal data, each by itself."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for dataset, columns in catalogue.all_personal_classes().items():
        own = tuple((name,) for name, said in sorted(columns.items()) if said == code)
        if own:
            found[dataset] = own
    return found


def visible(scope: Scope) -> QuerySet[Removal]:
    """Return the removals that the scope may ask for or decide on, newest first."""
    rows = Removal.objects.all()
    asked = scope.filter(rows, permissions.REQUEST, unit="owner_unit", sector="sector")
    decided = scope.filter(rows, permissions.APPROVE, unit="owner_unit", sector="sector")
    return (asked | decided).order_by("-asked_at", "-pk")


def visible_one(scope: Scope, removal_id: int) -> Removal:
    """Return one. Raises UnknownRemovalError also for what the scope may not see."""
    found = visible(scope).filter(pk=removal_id).first()
    if found is None:
        raise errors.UnknownRemovalError
    return found


def looks(scope: Scope, *, dataset: str = "", who: str = "", way: str = "") -> QuerySet[Look]:
    """Return who looked at personal data, within the scope, newest first."""
    rows = scope.filter(Look.objects.all(), permissions.AUDIT, unit="owner_unit", sector="sector")
    if dataset:
        rows = rows.filter(dataset=dataset)
    if who:
        rows = rows.filter(label__icontains=who)
    if way:
        rows = rows.filter(way=way)
    return rows.order_by("-at", "-pk")
