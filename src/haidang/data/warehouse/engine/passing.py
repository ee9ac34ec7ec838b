"""Failures that pass: database, wire, disk or bucket is away; what is written is not to blame.

Whoever meets one keeps what waits as it is and tries again, however long that takes.
"""

import errno

from django import db

from haidang.data.warehouse import errors
from haidang.data.warehouse.engine import instances, store

_OF_THE_DISK = {
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENOMEM, errno.EMFILE, errno.ENFILE,
}  # fmt: skip
_AS_THE_ENGINE_SAYS = ("no space left", "read-only file system", "input/output error")
_LIMIT_OF_THE_SERVER = "54"  # class of states: what was sent is too large for it, and stays so


def is_passing(error: BaseException) -> bool:
    """Tell whether the same work may succeed later, unchanged."""
    import duckdb
    import psycopg

    if isinstance(error, errors.LakeUnavailableError) or store.unavailable(error):
        return True
    if isinstance(error, (db.OperationalError, db.InterfaceError)):
        return error.__cause__ is None or is_passing(error.__cause__)
    if isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        return not (error.sqlstate or "").startswith(_LIMIT_OF_THE_SERVER)
    if isinstance(error, duckdb.Error):
        said = str(error).lower()
        return instances.is_lost(error) or any(words in said for words in _AS_THE_ENGINE_SAYS)
    return isinstance(error, OSError) and error.errno in _OF_THE_DISK
