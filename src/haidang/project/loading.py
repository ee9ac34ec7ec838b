"""`haidang load`: a file through the same intake as everything else, and its receipt."""

import sys
from pathlib import Path

from django.db import OperationalError

from haidang.data.ingest import api as ingest
from haidang.foundation.access import api as access
from haidang.foundation.core.errors import HaidangError


def load(file: Path, dataset: str, source: str | None, username: str | None) -> int:
    """Load the file and print its receipt; return 0, or 1 with one sentence."""
    try:
        receipt = ingest.load_file(
            dataset=dataset,
            source=source,
            file=file,
            scope=access.scope_of(access.account_named(username).id)
            if username
            else access.EVERYTHING,
        )
    except (HaidangError, OSError) as error:
        sys.stderr.write(f"haidang: {error}\n")
        return 1
    except OperationalError:
        sys.stderr.write(
            "haidang: Không vào được cơ sở dữ liệu; "
            "chạy `haidang up` trên thư mục này trước, rồi nạp lại.\n"
        )
        return 1
    sys.stdout.write(
        f"Biên nhận {receipt.run_id}: đọc {receipt.read} = nhận {receipt.accepted}"
        f" + chờ xử lý {receipt.quarantined} + trùng {receipt.duplicate}"
        f" (điều chỉnh {receipt.revised}); duyệt: {receipt.approval}\n"
    )
    return 0
