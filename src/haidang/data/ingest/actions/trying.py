"""Before a connection is kept: reach the other side, and see its first rows as they would load."""

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.actions import connections, facts, processing, pulling
from haidang.data.ingest.actions.mapping import Trial, Tried
from haidang.data.ingest.actions.runs import refuse_secret
from haidang.data.ingest.actions.spooling import LINE
from haidang.data.ingest.actions.who import By, allowed
from haidang.data.ingest.connectors import registry, values
from haidang.data.ingest.connectors.protocol import Fetched, Reached
from haidang.data.ingest.errors import SecretFileError
from haidang.data.ingest.files import Opening, open_sheet
from haidang.data.ingest.models import Connection, Source
from haidang.data.ingest.queries import glasses
from haidang.data.ingest.rules import shape
from haidang.data.ingest.rules.check import Checker
from haidang.data.ingest.rules.chunk import Lines
from haidang.data.ingest.rules.layout import layout
from haidang.data.protection import api as protection
from haidang.foundation.access.api import Scope
from haidang.foundation.core import audit

SECONDS = 25.0
ROWS = 20


def reach(
    *,
    source: Source,
    kind: str,
    settings: Mapping[str, Any],
    by: By,
    kept: Connection | None = None,
) -> Reached:
    """Reach the other side and say what was found; nothing is kept and nothing changes there.

    `kept`: the connection that is being changed, whose secrets need not be typed again.
    Raises NotAllowedError, SettingsError, ConnectorError.
    """
    actor = allowed(by, connections.MANAGE, source)
    ready = ready_settings(kind, settings, kept)
    _recorded(source, kind, actor, "ingest.connection_tested")
    with pulling.workroom(SECONDS) as room:
        return registry.work(kind).test(ready, room)


def preview(
    *,
    source: Source,
    kind: str,
    settings: Mapping[str, Any],
    by: By,
    kept: Connection | None = None,
) -> Trial | None:
    """Fetch the first piece and check its first rows under the source's contract; None where
    there is nothing to fetch. Nothing lands, nothing is kept, the cursor stays. A scope sees
    personal data masked, as it would behind the load.

    Raises NotAllowedError, SettingsError, ConnectorError, SecretFileError, UnreadableFileError.
    """
    actor = allowed(by, connections.MANAGE, source)
    ready = ready_settings(kind, settings, kept)
    _recorded(source, kind, actor, "ingest.connection_previewed")
    with pulling.workroom(SECONDS) as room:
        pieces = registry.work(kind).fetch(ready, {}, room)
        piece = next((one for one in pieces if one.content), None)
        try:
            spare = room.folder / "tried"
            return None if piece is None else _tried(source, piece, spare, actor, by)
        finally:
            pieces.close()  # type: ignore[attr-defined]  # plugins are generators


def check_file(
    *, dataset: str, supplier_unit_id: int, file: Path, media: str, by: Scope, rows: int = ROWS
) -> Trial:
    """Check the first rows of a file under a dataset's contract, for no agreed source.

    Nothing lands, nothing is kept; a scope sees personal data masked.
    Raises UnreadableFileError, LayoutError.
    """
    source = Source(dataset=dataset, supplier_id=supplier_unit_id, mapping={})
    piece = Fetched(name=file.name, content=file, media=media, cursor_after={})
    return _checked(source, piece, file, rows, through=glasses.glass(dataset, by))


def ready_settings(
    kind: str, settings: Mapping[str, Any], kept: Connection | None
) -> dict[str, Any]:
    """Return the checked values, with the kept secrets where the address is the same."""
    declared = registry.kind(kind)
    if kept is not None:
        secrets = connections.secrets_of(kept)
        settings = values.with_secrets(declared, settings, kept.settings, secrets)
    return values.cleaned(declared, settings)


def _tried(source: Source, piece: Fetched, spare: Path, actor: audit.Actor, by: By) -> Trial:
    path = piece.content if isinstance(piece.content, Path) else spare
    if isinstance(piece.content, bytes):
        spare.write_bytes(piece.content)
    try:
        refuse_secret(path)
    except SecretFileError as error:
        with transaction.atomic():
            changes = {"mark": error.mark}
            audit.record(action="ingest.secret_refused", on=source, by=actor, changes=changes)
        raise
    through = glasses.glass(source.dataset, by) if isinstance(by, Scope) else None
    return _checked(source, piece, path, through=through)


def _checked(
    source: Source,
    piece: Fetched,
    path: Path,
    most: int = ROWS,
    through: protection.Glass | None = None,
) -> Trial:
    contract, declared = catalogue.contract(source.dataset), layout(source.mapping)
    sheet = open_sheet(
        Opening(
            path=path,
            media=processing.media_of(piece.media, piece.name),
            layout=declared,
            known=shape.known_headings(contract.fields, declared),
            encoding=source.encoding,
            delimiter=source.delimiter,
            records=piece.records,
        )
    )
    plan = shape.plan(sheet.headings, contract.fields, declared)
    checker = Checker(contract.fields, facts.known(source, contract, declared))
    lines = next(sheet.lines, None)
    if lines is None:
        return Trial(tuple(sheet.headings), (), (*sheet.notes, *plan.notes))
    lines = first_of(lines, most)
    checked = checker.check(shape.apply(plan, lines))
    table = checked.table.append_column(LINE, checked.rows)
    _, clashes, _ = processing.without_repeats(table, contract.key_fields)
    why: dict[int, list[str]] = {}
    for line, _, reasons in [*checked.rejected, *clashes]:
        said = through.reasons(reasons) if through is not None else reasons
        why.setdefault(line, []).extend(reason["message"] for reason in said)
    rows = _rows(lines) if through is None else _masked(_rows(lines), plan, through)
    tried = [Tried(line, cells, tuple(why.get(line, ()))) for line, cells in rows]
    return Trial(tuple(sheet.headings), tuple(tried), (*sheet.notes, *plan.notes))


def first_of(lines: Lines, most: int) -> Lines:
    """Return the first rows of a chunk."""
    return Lines(
        lines.rows.slice(0, most),
        [column.slice(0, most) for column in lines.columns],
        [None if marks is None else marks.slice(0, most) for marks in lines.plain],
        list(itertools.islice(lines.broken, most)),
    )


def _rows(lines: Lines) -> Iterator[tuple[int, tuple[str, ...]]]:
    columns = [column.to_pylist() for column in lines.columns]
    said = {
        line: tuple(str(column[at] or "") for column in columns)
        for at, line in enumerate(lines.rows.to_pylist())
    }
    said |= {line: (raw.get("", ""),) for line, raw, _ in lines.broken}
    yield from sorted(said.items())


def _masked(
    rows: Iterator[tuple[int, tuple[str, ...]]], plan: shape.Plan, through: protection.Glass
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield rows as they may be shown; a cell of no field is masked whole where anything is."""
    fields = {place: name for name, place in plan.fields.items()}
    fields |= {place: plan.value for place, _, _ in plan.spread}
    shown = 0
    for line, cells in rows:
        named = len(cells) > 1 or not through.masked  # one that could not be parted is one cell
        yield (
            line,
            tuple(
                str(through.row({fields.get(at, "") if named else "": cell}).popitem()[1] or "")
                for at, cell in enumerate(cells)
            ),
        )
        shown += 1
    through.note(fields.values(), shown, "query")


@transaction.atomic
def _recorded(source: Source, kind: str, actor: audit.Actor, action: str) -> None:
    """Record that somebody had the platform reach out, whatever comes of it."""
    audit.record(action=action, on=source, by=actor, changes={"kind": kind})
