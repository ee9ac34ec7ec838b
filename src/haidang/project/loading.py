"""`haidang load` and `haidang units boundaries`: a file of this machine, and what became of it."""

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from django.db import OperationalError

from haidang.data.ingest import api as ingest
from haidang.foundation.access import api as access
from haidang.foundation.core.errors import HaidangError
from haidang.foundation.org import api as org


def load(file: Path, dataset: str, source: str | None, username: str | None) -> int:
    """Load the file and print its receipt; return 0, or 1 with one sentence."""

    def loaded() -> str:
        receipt = ingest.load_file(
            dataset=dataset, source=source, file=file, scope=_scope(username)
        )
        return (
            f"Biên nhận {receipt.run_id}: đọc {receipt.read} = nhận {receipt.accepted}"
            f" + chờ xử lý {receipt.quarantined} + trùng {receipt.duplicate}"
            f" (điều chỉnh {receipt.revised}); duyệt: {receipt.approval}\n"
        )

    return said(loaded)


def boundaries(
    file: Path, *, source: str, decision: str, on: date, system: str, username: str | None
) -> int:
    """Import a sheet of official boundaries; return 0, or 1 with one sentence.

    As the system itself it is used at once; as an account it waits for another person's approval.
    """

    def used() -> str:
        content, by = file.read_bytes(), _scope(username).actor
        sheet = org.import_boundaries(
            name=file.name,
            content=content,
            source=source,
            decision=decision,
            on=on,
            system=system,
            by=by,
        )
        told = org.boundary_remarks(sheet)
        if by.id is None:
            org.use_boundaries(sheet=sheet, by=by)
        what = "đã dùng" if by.id is None else "chờ người khác duyệt"
        return "".join(f"{line}\n" for line in [*told, f"Bản ranh giới {sheet} {what}."])

    return said(used)


def _scope(username: str | None) -> access.Scope:
    if username is None:
        return access.EVERYTHING
    return access.scope_of(access.account_named(username).id)


def said(act: Callable[[], str]) -> int:
    """Print what an act tells and return 0; or one sentence of what failed, and 1."""
    try:
        sys.stdout.write(act())
    except (HaidangError, OSError) as error:
        sys.stderr.write(f"haidang: {error}\n")
        return 1
    except OperationalError:
        sys.stderr.write(
            "haidang: Không vào được cơ sở dữ liệu; "
            "chạy `haidang up` trên thư mục này trước, rồi làm lại.\n"
        )
        return 1
    return 0
