"""Procedures (SOP) as BPMN: read, checked and run by SpiffWorkflow with restricted expressions.

No Django and no database here: text and JSON in, steps and JSON out.

A definition is an executable BPMN process of user tasks, exclusive and parallel gateways, and
timer events on steps. Every user task carries one element of our own namespace:

    <hd:step role="lead" clock="running" minutes="30" answers="dung:Đúng|sai:Không đúng">…</hd:step>

role     centre, place or lead: which unit does it       clock    running or working time
minutes  the deadline, 0 for none                        answers  the results to choose from

The answer is put into the run's data under the step's id, and conditions on flows compare it:
``xac_minh == "dung"``. Nothing else can be computed: see `expressions`.
"""

from haidang.action.operations.procedures.checking import Fault, faults
from haidang.action.operations.procedures.definitions import (
    Definition,
    ForbiddenElementError,
    StepSpec,
    read,
)
from haidang.action.operations.procedures.engine import (
    SERIALIZER_VERSION,
    Progress,
    Ready,
    complete,
    look,
    refresh,
    start,
)
from haidang.action.operations.procedures.expressions import ForbiddenExpressionError

__all__ = [
    "SERIALIZER_VERSION",
    "Definition",
    "Fault",
    "ForbiddenElementError",
    "ForbiddenExpressionError",
    "Progress",
    "Ready",
    "StepSpec",
    "complete",
    "faults",
    "look",
    "read",
    "refresh",
    "start",
]
