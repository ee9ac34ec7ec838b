"""Which processes `haidang up` runs, and what each one runs."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from haidang.project.processes.supervisor import Plan

Main = Callable[[], None]


def of(plan: "Plan") -> list[tuple[str, Main]]:
    """Return name and main function of every process of the plan."""
    from haidang.data.ingest.intake import main as intake
    from haidang.foundation.core import worker
    from haidang.project.processes import web

    found: list[tuple[str, Main]] = [
        ("web", partial(web.main, plan.host, plan.port)),
        ("intake", intake),
        ("jobs live", partial(worker.run, "live", concurrency=4)),
        ("jobs bulk", partial(worker.run, "bulk", concurrency=2)),
    ]
    if plan.demo:
        from haidang.project.demo import simulator

        found.append(("simulator", simulator.main))
    return found
