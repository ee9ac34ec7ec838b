"""Journals: everything acknowledged flows into the lake, then the flushed segments are deleted."""

import time

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import journal
from haidang.data.ingest.actions import notices
from haidang.data.ingest.errors import IngestError
from haidang.data.ingest.intake import client, frames
from haidang.data.ingest.models import Run
from haidang.data.protection import api as protection

_PATIENCE = 60.0


class Journals:
    """What devices sent, between its acknowledgement and the lake."""

    title = "Nhật ký thu nhận"

    def preview(self, target: protection.Target) -> protection.Found:
        count = _segments() if _is_concerned(target) else 0
        return protection.Found({"đoạn nhật ký được dồn vào kho rồi xóa": count} if count else {})

    def erase(self, target: protection.Target, note_file: protection.NoteFile) -> protection.Found:
        if not _is_concerned(target):
            return protection.Found()
        before = _segments()
        if client.ping() is None:
            _drain()
        else:
            _turn()
        return protection.Found({"đoạn nhật ký được dồn vào kho rồi xóa": before} if before else {})


def _is_concerned(target: protection.Target) -> bool:
    """Tell whether devices or brokers feed any of the datasets: files never pass the journals."""
    if any(catalogue.contract(one).kind == "readings" for one in target.datasets):
        return True
    told = Run.objects.filter(dataset__in=target.datasets, file_name=notices.NAME)
    return told.exists()


def _segments() -> int:
    root = frames.journal_root()
    return len(list(root.rglob("*.segment"))) if root.exists() else 0


def _turn() -> None:
    """Have the running intake begin a new segment, and delete the others once they have landed."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        turned = client.turn()
        if turned is not None and turned["kept"] == 0:
            return
        time.sleep(0.2)
    raise IngestError("Tiến trình thu nhận chưa đưa hết nhật ký vào kho; hệ thống sẽ thử lại.")


def _drain() -> None:
    """Bring the journals of a stopped platform to the lake and remove them."""
    from haidang.data.ingest.intake import adoption

    for folder in journal.abandoned(frames.journal_root()):
        adoption.adopt(folder)
        if any(folder.glob("*.segment")):
            raise IngestError("Chưa đưa hết nhật ký vào kho; hệ thống sẽ thử lại.")
