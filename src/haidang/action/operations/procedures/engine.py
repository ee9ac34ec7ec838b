"""Run a definition with SpiffWorkflow: JSON in, steps and JSON out.

A run's JSON carries the whole definition that it was started with, so an old run goes on under a
newer one. The script engine is never serialised: it is set again at every restore. Timers do not
fire by themselves: somebody must call `refresh` at `Progress.next_timer_at`.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer import workflow as serializer_of_engine
from SpiffWorkflow.bpmn.specs.defaults import UserTask

from haidang.action.operations.procedures.definitions import Definition
from haidang.action.operations.procedures.expressions import RestrictedEngine

SERIALIZER_VERSION: str = serializer_of_engine.VERSION
_Json = dict[str, Any]


@dataclass(frozen=True)
class Ready:
    """A step whose turn it is."""

    task: UUID
    step: str


@dataclass(frozen=True)
class Progress:
    """A run after something was done."""

    state: _Json
    ready: tuple[Ready, ...]
    is_completed: bool
    next_timer_at: datetime | None


def start(definition: Definition, data: Mapping[str, Any]) -> Progress:
    """Start a run with plain data (text, numbers, booleans)."""
    parser = BpmnParser()
    parser.add_bpmn_io(io.BytesIO(definition.bpmn.encode()), filename=definition.process_id)
    spec = parser.get_spec(definition.process_id)
    workflow = BpmnWorkflow(spec, script_engine=RestrictedEngine())
    workflow.task_tree.data.update(data)
    return _advance(workflow)


def look(state: _Json) -> Progress:
    """Return a run as it stands, changing nothing."""
    return _progress(_restore(state), state)


def complete(state: _Json, task: UUID, answers: Mapping[str, Any]) -> Progress:
    """Finish one ready step with its answers and go on. Raises KeyError when it is not ready."""
    workflow = _restore(state)
    found = workflow.tasks.get(task)
    if found is None or found.state != TaskState.READY:
        raise KeyError(task)
    found.data.update(answers)
    found.run()
    return _advance(workflow)


def refresh(state: _Json) -> Progress:
    """Let timers that are due fire."""
    return _advance(_restore(state))


def _restore(state: _Json) -> BpmnWorkflow:
    workflow = _serializer().deserialize_json(json.dumps(state))
    workflow.script_engine = RestrictedEngine()
    return workflow


def _advance(workflow: BpmnWorkflow) -> Progress:
    workflow.refresh_timers()
    workflow.do_engine_steps()
    return _progress(workflow, json.loads(_serializer().serialize_json(workflow)))


def _progress(workflow: BpmnWorkflow, state: _Json) -> Progress:
    ready = workflow.get_tasks(state=TaskState.READY, spec_class=UserTask)
    return Progress(
        state=state,
        ready=tuple(Ready(task.id, task.task_spec.bpmn_id) for task in ready),
        is_completed=workflow.completed,
        next_timer_at=_next_timer(workflow),
    )


def _next_timer(workflow: BpmnWorkflow) -> datetime | None:
    """Return the earliest moment at which a waiting timer fires."""
    waiting = workflow.get_tasks(state=TaskState.WAITING)
    values = (task.internal_data.get("event_value") for task in waiting)
    return min((datetime.fromisoformat(value) for value in values if value), default=None)


def _serializer() -> BpmnWorkflowSerializer:
    return BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
