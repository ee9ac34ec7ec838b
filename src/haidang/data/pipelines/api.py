"""The door of pipelines: made, tried, switched on, run, told of."""

from haidang.data.pipelines.actions.asking import (
    backfill,
    cancel_backfill,
    cancel_run,
    run_due,
    run_landed,
    run_now,
)
from haidang.data.pipelines.actions.expressions import text_of
from haidang.data.pipelines.actions.running import run
from haidang.data.pipelines.actions.trying import Tried, try_version
from haidang.data.pipelines.actions.writing import (
    Text,
    Timing,
    change,
    create,
    draft,
    resume,
    switch_off,
    switch_on,
)
from haidang.data.pipelines.errors import (
    AssertionFailedError,
    ChangedTextError,
    CycleError,
    PartlySeenError,
    PipelineError,
    SameWriterError,
    UnknownPipelineError,
    UnknownRunError,
)
from haidang.data.pipelines.queries import statement_in_use

__all__ = [
    "AssertionFailedError",
    "ChangedTextError",
    "CycleError",
    "PartlySeenError",
    "PipelineError",
    "SameWriterError",
    "Text",
    "Timing",
    "Tried",
    "UnknownPipelineError",
    "UnknownRunError",
    "backfill",
    "cancel_backfill",
    "cancel_run",
    "change",
    "create",
    "draft",
    "resume",
    "run",
    "run_due",
    "run_landed",
    "run_now",
    "statement_in_use",
    "switch_off",
    "switch_on",
    "text_of",
    "try_version",
]
