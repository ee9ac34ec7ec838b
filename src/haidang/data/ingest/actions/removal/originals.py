"""Original files: lines of a person blotted where that is safe, else the whole file removed."""

import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from xml.sax.saxutils import unescape

from django.apps import apps
from django.db import transaction
from django.db.models import Q

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.actions.removal import papers
from haidang.data.ingest.actions.removal.expanding import runs_of
from haidang.data.ingest.errors import IngestError
from haidang.data.ingest.models import Run
from haidang.data.ingest.rules import redaction
from haidang.data.protection import api as protection
from haidang.data.warehouse import api as warehouse
from haidang.foundation.core import files
from haidang.foundation.core.models import StoredFile

_FINISHED = [Run.Status.LANDED, Run.Status.FAILED, Run.Status.CANCELLED]


@dataclass(frozen=True)
class _Test:
    """Tells whether a line of cells is one that goes."""

    target: protection.Target
    is_single: bool
    keys: tuple[frozenset[str], ...]

    def __call__(self, cells: Sequence[str]) -> bool:
        if self.is_single and any(self.target.matches([cell]) for cell in cells):
            return True
        if not self.keys:
            return False
        said = {protection.written(cell) for cell in cells}
        return any(key <= said for key in self.keys)


class Originals:
    """The files as they came."""

    title = "Tệp gốc"

    def preview(self, target: protection.Target) -> protection.Found:
        found = {sha256 for sha256, _ in concerned(target)} | {*_named(target)}
        remarks = []
        for batches in target.batches.values():
            others = Run.objects.filter(file_id__in=found).exclude(pk__in=batches)
            listed = ", ".join(map(str, others.values_list("pk", flat=True)[:20]))
            if listed:
                remarks.append(
                    f"Cùng tệp với lượt nạp {listed}: tệp gốc của các lượt này cũng mất."
                )
            if held := len(_held_elsewhere(found)):
                remarks.append(f"{held} nơi khác dùng cùng tệp (minh chứng, báo cáo) cũng mất tệp.")
        return protection.Found({"tệp gốc": len(found)} if found else {}, tuple(remarks))

    def erase(self, target: protection.Target, note_file: protection.NoteFile) -> protection.Found:
        gone = blotted = 0
        for sha256, test in list(concerned(target)):
            if test is not None and _blot(sha256, test, note_file):
                blotted += 1
            else:
                note_file(sha256)
                gone += files.remove(sha256)
        gone += _sweep(target, note_file)
        counts = {"tệp gốc xóa hẳn": gone, "tệp gốc bôi dòng": blotted}
        return protection.Found({word: count for word, count in counts.items() if count})


def blot_run(run_id: int) -> None:
    """Blot a file that brought removed rows again, once its run is finished.

    Raises IngestError before: the job is tried again.
    """
    run = Run.objects.get(pk=run_id)
    if not run.is_finished:
        raise IngestError("Lượt nạp chưa xong.")
    for number, target in protection.standing(run.dataset):
        sha256 = Run.objects.values_list("file_id", flat=True).get(pk=run_id)
        test = _Test(target, is_single=_is_single(target, run.dataset), keys=())
        if sha256 is None or not files.path(sha256).exists():
            return
        note_file = partial(protection.note_file, number)
        if not _blot(sha256, test, note_file):
            note_file(sha256)
            files.remove(sha256)


def _is_single(target: protection.Target, dataset: str) -> bool:
    return any(len(group) == 1 for group in target.groups.get(dataset, ()))


def concerned(target: protection.Target) -> Iterator[tuple[str, _Test | None]]:
    """Yield each file that goes (no test) or has lines that go."""
    whole = {
        sha256
        for dataset, batches in target.batches.items()
        for sha256 in _files_of(runs_of(dataset, batches))
    }
    whole |= {sha256 for dataset in target.expired for sha256 in _over(dataset, target)}
    for sha256 in sorted(whole):
        yield sha256, None
    tests, certain = _tests(target)
    for sha256, datasets in sorted(_files_in(tests).items()):
        if sha256 in whole or not files.path(sha256).exists():
            continue
        for dataset in datasets:
            if sha256 in certain.get(dataset, ()) or _holds(files.path(sha256), tests[dataset]):
                yield sha256, tests[dataset]
                break
    for sha256 in sorted(catalogue.all_papers() - whole) if tests else ():
        if files.path(sha256).exists() and papers.names(files.path(sha256), tests.values()):
            yield sha256, None


def _tests(target: protection.Target) -> tuple[dict[str, _Test], dict[str, set[str]]]:
    """Return how lines of each dataset's files are known, and the files that surely hold some."""
    tests: dict[str, _Test] = {}
    certain: dict[str, set[str]] = {}
    for dataset, groups in target.groups.items():
        values: dict[tuple[str, ...], tuple[tuple[Any, ...], ...]] = {}
        try:
            doomed = warehouse.Doomed(groups=groups, matches=target.matches)
            counted = warehouse.count_doomed(dataset, doomed)
            values = dict(counted.values)
            certain[dataset] = _files_of(runs_of(dataset, frozenset(counted.batches)))
        except warehouse.UnknownTableError:
            pass
        keys = tuple(
            frozenset(protection.written(value) for value in row)
            for group, rows in values.items()
            if len(group) > 1
            for row in rows
        )
        tests[dataset] = _Test(target, _is_single(target, dataset), keys)
    return tests, certain


def _files_in(tests: Iterable[str]) -> dict[str, set[str]]:
    """Return the files of every run of some datasets, whatever became of it."""
    runs = Run.objects.filter(dataset__in=list(tests), file__isnull=False)
    found: dict[str, set[str]] = {}
    for sha256, dataset in runs.values_list("file_id", "dataset").distinct():
        found.setdefault(str(sha256), set()).add(dataset)
    return found


def _files_of(runs: Sequence[int]) -> set[str]:
    found = Run.objects.filter(pk__in=runs, file__isnull=False)
    return {str(sha256) for sha256 in found.values_list("file_id", flat=True)}


def _over(dataset: str, target: protection.Target) -> set[str]:
    """Return the files of a dataset that are over, and that nothing younger or open needs."""
    before = target.expired[dataset].files
    if before is None:
        return set()
    needed = Run.objects.filter(
        ~Q(dataset=dataset)
        | Q(received_at__gte=before)
        | ~Q(status__in=_FINISHED)
        | Q(approval=Run.Approval.PENDING)
        | Q(quarantine__state="open")
    )
    over = Run.objects.filter(dataset=dataset, received_at__lt=before, file__isnull=False)
    kept = needed.filter(file__isnull=False).values("file_id")
    found = over.exclude(file_id__in=kept).values_list("file_id", flat=True).distinct()
    held = {sha256 for sha256 in map(str, found) if files.path(sha256).exists()}
    return held - set(_held_elsewhere(held))


def _held_elsewhere(found: set[str]) -> list[str]:
    """Return the file of every row of other domains that points at one of some files."""
    held: list[str] = []
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.related_model is StoredFile and model is not Run:
                rows = model._default_manager.filter(**{f"{field.attname}__in": list(found)})
                held += map(str, rows.values_list(field.attname, flat=True))
    return held


def _holds(path: Path, test: _Test) -> bool:
    with path.open("rb") as opened:
        is_book = opened.read(4) == b"PK\x03\x04"
    if is_book:
        return test(list(_of_book(path)))
    return redaction.holds(path.read_bytes(), test)


def _of_book(path: Path) -> Iterator[str]:
    """Yield every text and number of a workbook's parts."""
    try:
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                if name.startswith("xl/") and name.endswith(".xml"):
                    xml = book.read(name).decode("utf-8", "replace")
                    for part in xml.replace(">", "<").split("<"):
                        yield unescape(part)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError):
        return


def _blot(sha256: str, test: _Test, note_file: protection.NoteFile) -> bool:
    """Keep the file without its lines; False where it must go whole."""
    data = files.path(sha256).read_bytes()
    if data[:4] == b"PK\x03\x04":
        return False
    found = redaction.blotted(data, test)
    if found is None or not found[1] or redaction.holds(found[0], test):
        return False
    row = StoredFile.objects.get(pk=sha256)
    kept = files.store(found[0], name=row.name, media_type=row.media_type)
    note_file(sha256)
    with transaction.atomic():
        Run.objects.filter(file_id=sha256).update(file_id=kept.pk)
    files.remove(sha256)
    return True


def _sweep(target: protection.Target, note_file: protection.NoteFile) -> int:
    """Delete contents named before: asked for, left by a crash, or brought by a restored backup."""
    gone = 0
    for sha256 in list(_named(target)):
        note_file(sha256)
        gone += files.remove(sha256)
    return gone


def _named(target: protection.Target) -> Iterator[str]:
    rows = StoredFile.objects.values_list("pk", flat=True) if target.files else ()
    for sha256 in rows:
        if target.names_file(sha256) and files.path(sha256).exists():
            yield str(sha256)
