"""Workbooks whose sheets state their extent in whole rows ("1:71"), which the reader refuses.

The statement is optional: without it the reader finds the extent by itself.
"""

import io
import re
import zipfile
from pathlib import Path

_STATED = re.compile(rb"<(?:\w+:)?dimension [^>]*/>")
_HEAD = 64 << 10  # the statement stands at the beginning of a sheet
_MOST_BYTES = 64 << 20  # of a file that is written anew in memory


def without(path: Path) -> io.BytesIO | None:
    """Return the workbook without the statements; None when it is too large to write anew."""
    if path.stat().st_size > _MOST_BYTES:
        return None
    made = io.BytesIO()
    with (
        zipfile.ZipFile(path) as book,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for entry in book.infolist():
            content = book.read(entry)
            if entry.filename.startswith("xl/worksheets/"):
                content = _STATED.sub(b"", content[:_HEAD], count=1) + content[_HEAD:]
            new.writestr(entry.filename, content)
    made.seek(0)
    return made
