"""The warehouse's door: bringing batches into the lake, and reading it within a scope."""

from haidang.data.warehouse.engine.checking import Statement
from haidang.data.warehouse.engine.checking import checked as check_select
from haidang.data.warehouse.engine.clearing import clear
from haidang.data.warehouse.engine.compaction import compact
from haidang.data.warehouse.engine.consistency import faults
from haidang.data.warehouse.engine.control import prepare
from haidang.data.warehouse.engine.door import close, commit
from haidang.data.warehouse.engine.erasing import Counted, Doomed, erase
from haidang.data.warehouse.engine.erasing import count as count_doomed
from haidang.data.warehouse.engine.expressions import TYPES as IBIS_TYPES
from haidang.data.warehouse.engine.expressions import execute, sql_of
from haidang.data.warehouse.engine.passing import is_passing
from haidang.data.warehouse.engine.reading import Rows
from haidang.data.warehouse.engine.selecting import RESULT, Input, input_name
from haidang.data.warehouse.engine.selecting import counts as count_inputs
from haidang.data.warehouse.engine.selecting import rows_of as select_rows
from haidang.data.warehouse.engine.selecting import write as write_select
from haidang.data.warehouse.engine.spark.asking import require as require_spark
from haidang.data.warehouse.engine.spark.asking import write as write_select_on_spark
from haidang.data.warehouse.engine.still import NamedFile, files_kept, is_unused, named_files, still
from haidang.data.warehouse.engine.still import bring as bring_file
from haidang.data.warehouse.engine.still import fetch as fetch_file
from haidang.data.warehouse.engine.tables import ensure_table
from haidang.data.warehouse.errors import (
    BadQueryError,
    BadRowsError,
    IncompatibleContractError,
    LakeUnavailableError,
    TooSlowError,
    UnknownTableError,
)
from haidang.data.warehouse.queries import (
    LastValue,
    aggregate,
    batches_after,
    batches_between,
    count,
    erased_rows,
    landed,
    last_heard,
    last_values,
    newest_batches,
    next_batch,
    rows,
    sees_all,
    select_input,
    table,
    withheld,
    withhold,
)
from haidang.data.warehouse.rules import Batch, Landed, Since

__all__ = [
    "IBIS_TYPES",
    "RESULT",
    "BadQueryError",
    "BadRowsError",
    "Batch",
    "Counted",
    "Doomed",
    "IncompatibleContractError",
    "Input",
    "LakeUnavailableError",
    "Landed",
    "LastValue",
    "NamedFile",
    "Rows",
    "Since",
    "Statement",
    "TooSlowError",
    "UnknownTableError",
    "aggregate",
    "batches_after",
    "batches_between",
    "bring_file",
    "check_select",
    "clear",
    "close",
    "commit",
    "compact",
    "count",
    "count_doomed",
    "count_inputs",
    "ensure_table",
    "erase",
    "erased_rows",
    "execute",
    "faults",
    "fetch_file",
    "files_kept",
    "input_name",
    "is_passing",
    "is_unused",
    "landed",
    "last_heard",
    "last_values",
    "named_files",
    "newest_batches",
    "next_batch",
    "prepare",
    "require_spark",
    "rows",
    "sees_all",
    "select_input",
    "select_rows",
    "sql_of",
    "still",
    "table",
    "withheld",
    "withhold",
    "write_select",
    "write_select_on_spark",
]
