"""Every fault of a definition, told by element in the words of the person who drew it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree
from SpiffWorkflow.exceptions import SpiffWorkflowException

from haidang.action.operations.procedures import definitions, engine, expressions, graph
from haidang.action.operations.procedures.definitions import ALLOWED, BPMN, OWN
from haidang.action.operations.procedures.graph import Graph

MOST_NODES = 300
MOST_AT_ONCE = 50
_DURATION = re.compile(
    r"""^\s*(["'])P(?=\d|T\d)(\d+W|(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?)\1\s*$"""
)
_WORDS = {
    "process": "quy trình", "userTask": "bước", "exclusiveGateway": "nhánh rẽ",
    "parallelGateway": "nhánh song song", "sequenceFlow": "đường nối",
    "startEvent": "điểm bắt đầu", "endEvent": "điểm kết thúc",
    "boundaryEvent": "mốc giờ của bước", "intermediateCatchEvent": "chờ giờ",
    "scriptTask": "kịch bản", "serviceTask": "dịch vụ", "businessRuleTask": "luật nghiệp vụ",
    "callActivity": "gọi quy trình khác", "subProcess": "quy trình con",
    "task": "việc chưa rõ loại", "manualTask": "việc làm tay",
    "collaboration": "sơ đồ nhiều bên", "inclusiveGateway": "nhánh bao gồm",
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """One thing to mend: which element, in which line of the file (0: no certain one), what."""

    element: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.element}: {self.text}"


def faults(bpmn: str) -> list[Fault]:
    """Return what keeps a definition from being published; nothing when it may run."""
    try:
        root = definitions.parse(bpmn)
    except definitions.ForbiddenElementError as error:
        return [_unreadable(error)]
    if root.tag != f"{{{BPMN}}}definitions":
        return [Fault("tệp", 1, "không phải tệp BPMN 2.0 (thiếu phần tử definitions)")]
    processes = root.findall(f"{{{BPMN}}}process")
    if len(processes) != 1:
        return [Fault("tệp", 1, f"phải có đúng một quy trình (process), tệp có {len(processes)}")]
    process = processes[0]
    found = [*_elements(root), *_names(process), *_steps(process), *_shape(process)]
    return found or list(_trial(bpmn))


def _unreadable(error: Exception) -> Fault:
    cause = error.__cause__
    if isinstance(cause, etree.XMLSyntaxError):
        line = cause.lineno or 0
        return Fault("tệp", line, f"không phải XML hợp lệ (dòng {line})")
    if str(error) == "size":
        return Fault("tệp", 0, "lớn hơn 1 MB")
    return Fault("tệp", 1, "không được khai báo DOCTYPE, ENTITY")


def _at(element: etree._Element, text: str) -> Fault:
    kind = str(etree.QName(element).localname)
    name, identity = element.get("name", ""), element.get("id", "")
    said = [
        _WORDS.get(kind, kind),
        f"“{name}”" if name else "",
        f"({identity})" if identity else "",
    ]
    line = element.sourceline
    return Fault(" ".join(filter(None, said)), line if isinstance(line, int) else 0, text)


def _elements(root: etree._Element) -> Iterator[Fault]:
    """Refuse kinds of elements that do not run here, and expressions that do more than compare."""
    for element in root.iter(f"{{{BPMN}}}*"):
        name = str(etree.QName(element).localname)
        if name not in ALLOWED:
            yield _at(element, f"loại phần tử “{name}” không được dùng: {_ONLY}")
        elif name in ("conditionExpression", "timeDuration"):
            yield from _expression(element, name)


_ONLY = "quy trình chỉ gồm bước (userTask), nhánh rẽ, nhánh song song, chờ giờ"


def _expression(element: etree._Element, name: str) -> Iterator[Fault]:
    written = element.text or ""
    owner = element if name == "conditionExpression" else element.getparent()
    holder = owner.getparent() if owner is not None else None
    where = holder if holder is not None else element
    try:
        expressions.check(written)
    except expressions.ForbiddenExpressionError:
        yield _at(where, f"biểu thức “{_short(written)}” chỉ được so sánh kết quả của các bước")
        return
    if name == "timeDuration" and not _DURATION.match(written):
        yield _at(where, f'thời hạn “{_short(written)}” phải viết như "PT30M" (cả ngoặc kép)')


def _short(text: str) -> str:
    return " ".join(text.split())[:80]


def _names(process: etree._Element) -> Iterator[Fault]:
    """Every element by an id of its own, the process and its steps also by a title."""
    if not process.get("id") or not process.get("name", "").strip():
        yield _at(process, "thiếu mã (id) hoặc tên (name)")
    known = [*graph.NODES, "sequenceFlow"]
    elements = [one for kind in known for one in process.iter(f"{{{BPMN}}}{kind}")]
    times = Counter(one.get("id", "") for one in elements)
    for one in elements:
        if not one.get("id"):
            yield _at(one, "thiếu mã (id)")
        elif times[one.get("id", "")] > 1:
            yield _at(one, "mã (id) bị trùng")


def _steps(process: etree._Element) -> Iterator[Fault]:
    tasks = list(process.iter(f"{{{BPMN}}}userTask"))
    if not tasks:
        yield _at(process, "chưa có bước nào (userTask)")
    for task in tasks:
        if not task.get("name", "").strip():
            yield _at(task, "thiếu tên bước")
        own = task.find(f"{{{BPMN}}}extensionElements/{{{OWN}}}step")
        if own is not None:
            yield from (_at(task, text) for text in _step(own))
    answered = {
        task.get("id", "") for task in tasks if task.find(f".//{{{OWN}}}step[@answers]") is not None
    }
    for condition in process.iter(f"{{{BPMN}}}conditionExpression"):
        flow = condition.getparent()
        for name in _unknown(condition.text or "", answered):
            yield _at(
                flow if flow is not None else condition,
                f"điều kiện hỏi “{name}”: không có bước nào mang mã này và có kết quả để chọn",
            )


def _step(own: etree._Element) -> Iterator[str]:
    """Say what is wrong with the deadline, the doer or the answers of a step."""
    if (role := own.get("role", "lead")) not in definitions.ROLES:
        yield f"đơn vị thực hiện “{role}” phải là centre, place hoặc lead"
    if (clock := own.get("clock", "running")) not in definitions.CLOCKS:
        yield f"cách tính giờ “{clock}” phải là running hoặc working"
    if not definitions.MINUTES.fullmatch(minutes := own.get("minutes", "0")):
        yield f"thời hạn “{minutes}” phải là số phút, từ 0 đến 999999"
    answers = definitions.answers(own.get("answers", ""))
    if any(not code or not label for code, label in answers):
        yield "mỗi kết quả phải viết “mã:Nhãn”, cách nhau bằng dấu |"
    elif len({code for code, _ in answers}) < len(answers):
        yield "mã kết quả bị trùng"


def _unknown(expression: str, answered: set[str]) -> list[str]:
    try:
        return sorted(expressions.names(expression) - answered)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []  # told already: no expression at all


def _shape(process: etree._Element) -> Iterator[Fault]:
    """Say where the drawing does not hold together."""
    drawn = graph.graph(process)
    if len(drawn.nodes) > MOST_NODES:
        yield _at(process, f"có hơn {MOST_NODES} phần tử; hãy tách thành nhiều quy trình")
        return
    kinds = Counter(drawn.kinds.values())
    if kinds["startEvent"] != 1:
        yield _at(process, f"phải có đúng một điểm bắt đầu, tệp có {kinds['startEvent']}")
    if not kinds["endEvent"]:
        yield _at(process, "chưa có điểm kết thúc")
    yield from _flows(drawn)
    for identity, node in drawn.nodes.items():
        yield from (_at(node, text) for text in _node(drawn, identity))
    if kinds["startEvent"]:
        for one in graph.unreachable(drawn):
            yield _at(drawn.nodes[one], "không có đường nào dẫn tới từ điểm bắt đầu")
    if circle := graph.endless(drawn):
        yield _at(drawn.nodes[circle[0]], "nằm trên vòng lặp không có bước nào để dừng")
    elif graph.most_at_once(drawn) > MOST_AT_ONCE:
        yield _at(process, f"mở hơn {MOST_AT_ONCE} nhánh cùng lúc")


def _flows(drawn: Graph) -> Iterator[Fault]:
    for flow in drawn.flows:
        for end, word in (("sourceRef", "đi từ"), ("targetRef", "dẫn tới")):
            if (named := flow.get(end, "")) not in drawn.nodes:
                yield _at(flow, f"{word} “{named}” không có trong quy trình")


def _node(drawn: Graph, identity: str) -> Iterator[str]:
    kind, node = drawn.kinds[identity], drawn.nodes[identity]
    after, before = drawn.after[identity], drawn.before[identity]
    if kind != "endEvent" and not after:
        yield "không có đường đi tiếp"
    if kind in ("startEvent", "boundaryEvent") and before:
        yield "không được có đường dẫn tới"
    if kind == "endEvent" and after:
        yield "không được có đường đi tiếp"
    if kind == "exclusiveGateway":
        yield from _choice(drawn, identity)
    elif kind != "parallelGateway" and len(after) > 1:
        yield "chỉ được có một đường đi tiếp; muốn rẽ nhánh hãy đặt nhánh rẽ hoặc nhánh song song"
    if kind in ("boundaryEvent", "intermediateCatchEvent"):
        if node.find(f".//{{{BPMN}}}timeDuration") is None:
            yield "thiếu thời hạn (timeDuration)"
        attached = node.get("attachedToRef", "")
        if kind == "boundaryEvent" and drawn.kinds.get(attached) != "userTask":
            yield f"phải gắn vào một bước, đang gắn vào “{attached}”"


def _choice(drawn: Graph, identity: str) -> Iterator[str]:
    """Where a run must choose, it must always find a way."""
    leaving = [flow for flow in drawn.flows if flow.get("sourceRef") == identity]
    default = drawn.nodes[identity].get("default", "")
    if len(leaving) < 2:
        return
    if default not in {flow.get("id") for flow in leaving}:
        yield "thiếu đường đi mặc định (default) khi không điều kiện nào đúng"
    for flow in leaving:
        if flow.get("id") != default and flow.find(f"{{{BPMN}}}conditionExpression") is None:
            yield f"đường nối ({flow.get('id', '')}) không có điều kiện"


# SpiffWorkflow's parser trips over what it does not foresee; it is the file's fault all the same.
_REFUSALS = (SpiffWorkflowException, AttributeError, LookupError, TypeError, ValueError)


def _trial(bpmn: str) -> Iterator[Fault]:
    """Let the engine that will run it read it and start it once."""
    try:
        engine.start(definitions.read(bpmn), {})
    except _REFUSALS as error:
        yield Fault("tệp", 0, f"bộ máy chạy quy trình không nhận: {_short(str(error))}")
