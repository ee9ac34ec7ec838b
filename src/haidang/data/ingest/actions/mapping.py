"""Trying how a source's files map to its contract, on a sample of which nothing is kept."""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.actions import facts, processing
from haidang.data.ingest.actions.runs import refuse_secret
from haidang.data.ingest.actions.spooling import LINE
from haidang.data.ingest.actions.who import By, allowed
from haidang.data.ingest.errors import SecretFileError, TooLargeError, UnreadableFileError
from haidang.data.ingest.files import Opening, peeking
from haidang.data.ingest.models import Source
from haidang.data.ingest.rules import shape
from haidang.data.ingest.rules.check import Checker
from haidang.data.ingest.rules.layout import layout
from haidang.foundation.core import audit

MOST_BYTES = 20 << 20


@dataclass(frozen=True)
class Tried:
    """One line of the sample: what stands there, and why it would wait (nothing: accepted)."""

    line: int
    cells: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Trial:
    """What a load would do with the first rows of a sample."""

    headings: tuple[str, ...]
    rows: tuple[Tried, ...]
    notes: tuple[str, ...]

    @property
    def accepted(self) -> int:
        return sum(not row.reasons for row in self.rows)

    @property
    def waiting(self) -> int:
        return sum(bool(row.reasons) for row in self.rows)


def look_at(
    *, source: Source, content: Iterable[bytes], name: str, media: str, by: By
) -> peeking.Peek:
    """Return the first rows of a sample; the sample is deleted before this returns.

    Raises NotAllowedError, SecretFileError (recorded, without any content), TooLargeError,
    UnreadableFileError.
    """
    actor = allowed(by, "ingest.manage", source)
    contract, declared = catalogue.contract(source.dataset), layout(source.mapping)
    with tempfile.TemporaryDirectory(prefix="haidang-sample-") as folder:
        path = Path(folder) / "sample"
        write(path, content)
        try:
            refuse_secret(path)
        except SecretFileError as error:
            with transaction.atomic():
                changes = {"mark": error.mark}
                audit.record(action="ingest.secret_refused", on=source, by=actor, changes=changes)
            raise
        return peeking.peek(
            Opening(
                path=path,
                media=processing.media_of(media, name),
                layout=declared,
                known=shape.known_headings(contract.fields, declared),
                encoding=source.encoding,
                delimiter=source.delimiter,
            ),
            name,
        )


def try_out(*, source: Source, sample: peeking.Peek, mapping: Mapping[str, Any], by: By) -> Trial:
    """Check the first rows of a sample under a mapping; nothing lands and nothing is kept.

    Raises NotAllowedError, LayoutError, UnreadableFileError.
    """
    allowed(by, "ingest.manage", source)
    return tried(source, catalogue.contract(source.dataset), sample, mapping)


def tried(
    source: Source,
    contract: catalogue.ContractSpec,
    sample: peeking.Peek,
    mapping: Mapping[str, Any],
) -> Trial:
    """Check the first rows of a sample under a contract, which need not be kept yet.

    Raises LayoutError, UnreadableFileError.
    """
    declared = layout(mapping)
    leaf = sample.leaf(declared.sheet)
    known = shape.known_headings(contract.fields, declared)
    first, below = peeking.headed(leaf, declared, known)
    headings = peeking.headings(leaf, first, below)
    plan = shape.plan(headings, contract.fields, declared)
    checker = Checker(contract.fields, facts.known(source, contract, declared))
    checked = checker.check(shape.apply(plan, peeking.lines(leaf, below, len(headings))))
    table = checked.table.append_column(LINE, checked.rows)
    _, clashes, _ = processing.without_repeats(table, contract.key_fields)
    why: dict[int, list[str]] = {}
    for line, _, reasons in [*checked.rejected, *clashes]:
        why.setdefault(line, []).extend(reason["message"] for reason in reasons)
    rows = zip(leaf.lines[below:], leaf.cells[below:], strict=True)
    lines = [Tried(line, tuple(cells), tuple(why.get(line, ()))) for line, cells in rows]
    return Trial(tuple(headings), tuple(lines), tuple(plan.notes))


def write(path: Path, content: Iterable[bytes]) -> None:
    """Put a sample where it can be read. Raises TooLargeError, UnreadableFileError when empty."""
    size = 0
    with path.open("wb") as opened:
        for block in content:
            size += len(block)
            if size > MOST_BYTES:
                raise TooLargeError(f"Tệp mẫu lớn hơn {MOST_BYTES >> 20} MB. Chọn tệp nhỏ hơn.")
            opened.write(block)
    if not size:
        raise UnreadableFileError("Tệp trống (0 byte). Chọn lại tệp.")
