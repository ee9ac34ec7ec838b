"""The door of protection: what may be shown, what may come again, what the law has removed."""

from haidang.data.protection.actions.asking import What, ask, papers, person, rows, run
from haidang.data.protection.actions.carrying import carry_out, note_file
from haidang.data.protection.actions.deciding import approve, reject
from haidang.data.protection.actions.ledger import NAME as LEDGER
from haidang.data.protection.actions.ledger import folder as ledger_folder
from haidang.data.protection.actions.ledger import merge as merge_ledger
from haidang.data.protection.actions.ledger import read as read_ledger
from haidang.data.protection.actions.ledger import remember_backup
from haidang.data.protection.actions.participants import NoteFile, expand_runs, register
from haidang.data.protection.actions.replaying import replay
from haidang.data.protection.errors import (
    AlreadyDecidedError,
    ClosedDataError,
    LostKeyError,
    NothingFoundError,
    ProtectionError,
    SamePersonError,
    UnknownRemovalError,
)
from haidang.data.protection.queries import (
    Glass,
    Gone,
    Guard,
    expired_among,
    file_guard,
    glass,
    gone_file,
    row_guard,
    standing,
)
from haidang.data.protection.rules.hashing import written
from haidang.data.protection.rules.masks import CLASSES
from haidang.data.protection.rules.targets import Found, Limits, Target

__all__ = [
    "CLASSES",
    "LEDGER",
    "AlreadyDecidedError",
    "ClosedDataError",
    "Found",
    "Glass",
    "Gone",
    "Guard",
    "Limits",
    "LostKeyError",
    "NoteFile",
    "NothingFoundError",
    "ProtectionError",
    "SamePersonError",
    "Target",
    "UnknownRemovalError",
    "What",
    "approve",
    "ask",
    "carry_out",
    "expand_runs",
    "expired_among",
    "file_guard",
    "glass",
    "gone_file",
    "ledger_folder",
    "merge_ledger",
    "note_file",
    "papers",
    "person",
    "read_ledger",
    "register",
    "reject",
    "remember_backup",
    "replay",
    "row_guard",
    "rows",
    "run",
    "standing",
    "written",
]
