"""Asking for a removal: what goes is found and counted before anybody decides."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.protection import errors, permissions, queries
from haidang.data.protection.actions import participants
from haidang.data.protection.models import Removal
from haidang.data.protection.rules import hashing, masks
from haidang.data.protection.rules.targets import Target
from haidang.foundation.access.api import Scope
from haidang.foundation.core import audit
from haidang.foundation.org import api as org


@dataclass(frozen=True)
class What:
    """What is to go: `shown` says it in words that disclose nothing."""

    kind: str
    shown: str
    groups: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    hashes: Sequence[str] = ()
    batches: Mapping[str, Sequence[int]] = field(default_factory=dict)
    files: Sequence[str] = ()
    owner: tuple[int, str] | None = None  # of what belongs to no dataset

    @property
    def datasets(self) -> list[str]:
        return sorted({*self.groups, *self.batches})


def person(code: str, value: str) -> What:
    """Everything of one person, known by an identifier of a class, in every dataset that has it."""
    if code not in masks.IDENTIFYING or not value.strip():
        raise errors.ProtectionError("Chọn loại giấy tờ và nhập giá trị nhận ra người đó.")
    groups = queries.personal_groups(code)
    if not groups:
        raise errors.NothingFoundError(
            "Chưa bộ dữ liệu nào khai trường thuộc loại này; khai ở trang bộ dữ liệu trước."
        )
    one = masks.CLASSES[code]
    shown = f"{one.title} {one.mask(value.strip())}"
    hashed = hashing.of_values(queries.key(), [value])
    return What(Removal.Kind.PERSON, shown, groups, [hashed])


def rows(dataset: str, keys: Sequence[Mapping[str, Any]]) -> What:
    """The rows of a dataset that have certain keys, all revisions of them."""
    contract = catalogue.contract(dataset)
    names = contract.key_fields
    if not keys or any(not str(one.get(name, "")).strip() for one in keys for name in names):
        titles = ", ".join(contract.field(name).title for name in names)
        raise errors.ProtectionError(f"Mỗi dòng cần đủ các trường khóa: {titles}.")
    secret = queries.key()
    hashes = [hashing.of_values(secret, [one[name] for name in names]) for one in keys]
    return What(
        Removal.Kind.ROWS, f"{len(keys)} khóa của “{contract.title}”", {dataset: [names]}, hashes
    )


def run(dataset: str, batches: Sequence[int], *, is_secret: bool) -> What:
    """Whole runs with their files: personal data, or a secret that came by mistake."""
    if not batches:
        raise errors.ProtectionError("Chọn ít nhất một lượt nạp.")
    listed = ", ".join(map(str, sorted(batches)))
    kind = Removal.Kind.SECRET if is_secret else Removal.Kind.RUN
    title = catalogue.contract(dataset).title
    whole = participants.batches_of(dataset, batches)
    return What(kind, f"Lượt nạp {listed} của “{title}”", batches={dataset: whole})


def papers(difficulty: str) -> What:
    """Whatever is attached to a difficulty, by its number: a secret that came by mistake."""
    found = catalogue.papers(difficulty)
    if found is None or not found.files:
        raise errors.NothingFoundError(f"Vướng mắc “{difficulty}” không có tệp đính kèm.")
    hashes = sorted(hashing.of_text(queries.key(), "file", one) for one in found.files)
    shown = f"{len(hashes)} tệp đính kèm của vướng mắc {found.number}"
    owner = (found.unit_id, found.sector)
    return What(Removal.Kind.SECRET, shown, files=hashes, owner=owner)


def ask(
    *, what: What, reason: str, legal_basis: str, document: str, by: Scope, refuses: bool = True
) -> Removal:
    """Ask for a removal; another person decides. Raises ProtectionError, NothingFoundError."""
    said = {"lý do": reason, "căn cứ pháp lý": legal_basis, "số, ngày văn bản": document}
    missing = [name for name, text in said.items() if not text.strip()]
    if missing:
        raise errors.ProtectionError(f"Cần ghi {', '.join(missing)}.")
    owner, sector = _owner(what, by)
    removal = Removal(
        uuid=uuid.uuid4(),
        kind=what.kind,
        datasets=what.datasets,
        owner_unit_id=owner,
        sector=sector,
        reason=reason.strip(),
        legal_basis=legal_basis.strip(),
        document=document.strip()[:100],
        shown=what.shown,
        groups={dataset: [list(one) for one in said] for dataset, said in what.groups.items()},
        hashes=list(what.hashes),
        batches={dataset: list(said) for dataset, said in what.batches.items()},
        files=list(what.files),
        key=hashing.fingerprint(queries.key()),
        refuses=refuses,
        asked_at=timezone.now(),
        asked_by_id=by.account_id,
        asked_label=by.label,
    )
    removal.preview = preview(removal)
    if not any(count for one in removal.preview.values() for count in one["counts"].values()):
        raise errors.NothingFoundError
    with transaction.atomic():
        removal.save(force_insert=True)
        audit.record(
            action="protection.removal_asked", on=removal, by=by.actor, reason=removal.reason,
            changes={"what": what.shown, "document": removal.document},
        )  # fmt: skip
    return removal


def preview(removal: Removal) -> dict[str, Any]:
    """Return what every store holds of it: {store: {title, counts, remarks}}."""
    return found_of(queries.target(removal))


def found_of(target: Target) -> dict[str, Any]:
    """Return what every store holds of a target."""
    found = {}
    for name, participant in participants.registered():
        one = participant.preview(target)
        found[name] = {
            "title": participant.title,
            "counts": dict(one.counts),
            "remarks": list(one.remarks),
        }
    return found


def _owner(what: What, by: Scope) -> tuple[int, str]:
    """Return who answers for a removal; the asker must hold the capability over every dataset."""
    root = org.root().id
    if what.owner is not None:
        by.require(permissions.REQUEST, *what.owner)
        return what.owner
    owners = set()
    for code in what.datasets:
        contract = catalogue.contract(code)
        owner = (contract.owner_unit_id or root, contract.sector or "")
        by.require(permissions.REQUEST, *owner)
        owners.add(owner)
    return next(iter(owners)) if len(owners) == 1 else (root, "")
