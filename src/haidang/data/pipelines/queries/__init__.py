"""Reading pipelines within a scope."""

from haidang.data.pipelines.queries.listing import (
    edges,
    run_seen,
    runs,
    seen,
    visible,
)

__all__ = ["edges", "run_seen", "runs", "seen", "visible"]
