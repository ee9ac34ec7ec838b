"""Read a definition and refuse what must not run."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from haidang.action.operations.procedures import expressions

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OWN = "https://haidang.example/bpmn/1"
ALLOWED = frozenset(
    {
        "definitions", "process", "startEvent", "endEvent", "userTask", "sequenceFlow",
        "exclusiveGateway", "parallelGateway", "boundaryEvent", "intermediateCatchEvent",
        "timerEventDefinition", "timeDuration", "conditionExpression", "incoming", "outgoing",
        "documentation", "extensionElements", "laneSet", "lane", "flowNodeRef",
    }
)  # fmt: skip
_MAX_BYTES = 1024 * 1024
ROLES, CLOCKS = ("centre", "place", "lead"), ("running", "working")
MINUTES = re.compile("[0-9]{1,6}")


class ForbiddenElementError(ValueError):
    """Quy trình chỉ được gồm bước, nhánh, chờ giờ; không có kịch bản hay dịch vụ."""


@dataclass(frozen=True)
class StepSpec:
    """What a definition says of one step."""

    id: str
    title: str
    guide: str
    role: str
    clock: str
    minutes: int
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Definition:
    """A checked definition."""

    process_id: str
    title: str
    bpmn: str
    sha256: str
    steps: Mapping[str, StepSpec]


def read(bpmn: str) -> Definition:
    """Return the checked definition. Raises ForbiddenElementError, ForbiddenExpressionError."""
    root = parse(bpmn)
    for element in root.iter(f"{{{BPMN}}}*"):
        _check(element)
    processes = root.findall(f"{{{BPMN}}}process")
    if len(processes) != 1:
        raise ForbiddenElementError("process")
    process = processes[0]
    steps = {step.id: step for step in map(_step, process.iter(f"{{{BPMN}}}userTask"))}
    _check_names(process, {step.id for step in steps.values() if step.answers})
    return Definition(
        process_id=process.get("id", ""),
        title=process.get("name", ""),
        bpmn=bpmn,
        sha256=hashlib.sha256(bpmn.encode()).hexdigest(),
        steps=steps,
    )


def parse(bpmn: str) -> etree._Element:
    """Return the root of a text. Raises ForbiddenElementError, with the parser's word as cause."""
    content = bpmn.encode()
    if len(content) > _MAX_BYTES:
        raise ForbiddenElementError("size")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ForbiddenElementError(str(error)) from error
    if "<!DOCTYPE" in bpmn or "<!ENTITY" in bpmn:
        raise ForbiddenElementError("doctype")
    return root


def _check(element: etree._Element) -> None:
    name = etree.QName(element).localname
    if name not in ALLOWED:
        raise ForbiddenElementError(name)
    if name in ("conditionExpression", "timeDuration"):
        expressions.check(element.text or "")


def _check_names(process: etree._Element, answered: set[str]) -> None:
    """Refuse a condition on something that no step answers."""
    for condition in process.iter(f"{{{BPMN}}}conditionExpression"):
        if unknown := expressions.names(condition.text or "") - answered:
            raise ForbiddenElementError(f"conditionExpression {sorted(unknown)}")


def _step(task: etree._Element) -> StepSpec:
    own = task.find(f"{{{BPMN}}}extensionElements/{{{OWN}}}step")
    said = own if own is not None else etree.Element("none")
    role, clock = said.get("role", "lead"), said.get("clock", "running")
    minutes = said.get("minutes", "0")
    if role not in ROLES or clock not in CLOCKS or not MINUTES.fullmatch(minutes):
        raise ForbiddenElementError(f"{role} {clock} {minutes}")
    return StepSpec(
        id=task.get("id", ""),
        title=task.get("name", ""),
        guide=" ".join((said.text or "").split()),
        role=role,
        clock=clock,
        minutes=int(minutes),
        answers=answers(said.get("answers", "")),
    )


def answers(text: str) -> tuple[tuple[str, str], ...]:
    """Read "dung:Đúng|sai:Không đúng"."""
    pairs = (one.partition(":") for one in text.split("|") if one)
    return tuple((code.strip(), label.strip()) for code, _, label in pairs)
