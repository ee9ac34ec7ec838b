"""Reading pipelines within a scope."""

from haidang.data.pipelines.queries.listing import (
    edges,
    run_seen,
    runs,
    seen,
    statement_in_use,
    visible,
)

__all__ = ["edges", "run_seen", "runs", "seen", "statement_in_use", "visible"]
