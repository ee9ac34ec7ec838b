"""What a procedure can never do."""

import pytest

from haidang.action.operations import procedures
from haidang.action.operations.procedures import expressions
from haidang.action.operations.procedures.expressions import (
    ForbiddenExpressionError,
    RestrictedEnvironment,
)

HOLLOW = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:hd="https://haidang.example/bpmn/1">'
    '<process id="p" name="P" isExecutable="true">{}</process></definitions>'
)
STEP = (
    '<userTask id="a" name="A"><extensionElements><hd:step answers="x:X|y:Y"/>'
    "</extensionElements></userTask>"
)


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('id')",
        "().__class__.__bases__[0].__subclasses__()",
        "a.__class__",
        "a.b",
        "__builtins__",
        "_hidden",
        "9**9**9",
        "'x' * 999999999",
        "1 + 1",
        "1 << 99",
        "a[0]",
        "[x for x in a]",
        "lambda: 1",
        "(a := 1)",
        "f'{a}'",
        "open('/etc/passwd')",
        "exec('1')",
        "a if a else b",
        "a == 'x'; import os",
        "",
        "a == '" + "x" * 1000 + "'",
        "(" * 400 + "a" + ")" * 400,
    ],
)
def test_dangerous_expressions_are_refused(expression: str) -> None:
    with pytest.raises(ForbiddenExpressionError):
        expressions.check(expression)
    with pytest.raises(ForbiddenExpressionError):
        RestrictedEnvironment().evaluate(expression, {"a": 1})


def test_comparisons_of_answers_work() -> None:
    data = {"xac_minh": "dung", "muc": 3}
    assert expressions.evaluate('xac_minh == "dung" and not muc < 2', data) is True
    assert expressions.evaluate('chua_lam == "x"', data) is False
    assert expressions.evaluate('"PT30M"', {}) == "PT30M"


def test_scripts_and_services_are_shut() -> None:
    environment = RestrictedEnvironment()
    with pytest.raises(ForbiddenExpressionError):
        environment.execute("import os", {})
    with pytest.raises(ForbiddenExpressionError):
        environment.call_service({})


@pytest.mark.parametrize(
    "element",
    [
        "<scriptTask id='s'><script>import os</script></scriptTask>",
        "<serviceTask id='s'/>",
        "<businessRuleTask id='s'/>",
        "<callActivity id='s' calledElement='other'/>",
        "<dataObject id='s'/>",
        "<userTask id='s'><multiInstanceLoopCharacteristics/></userTask>",
        "<sequenceFlow id='f'><conditionExpression>a.b</conditionExpression></sequenceFlow>",
        "<sequenceFlow id='f'><conditionExpression>q == 1</conditionExpression></sequenceFlow>",
    ],
)
def test_definitions_with_more_than_steps_are_refused(element: str) -> None:
    with pytest.raises((procedures.ForbiddenElementError, procedures.ForbiddenExpressionError)):
        procedures.read(HOLLOW.format(STEP + element))


@pytest.mark.parametrize(
    "bpmn",
    [
        "no xml",
        '<!DOCTYPE x [<!ENTITY e "x">]>' + HOLLOW.format(STEP),
        HOLLOW.format("") + "x",
        "<a/>",
    ],
)
def test_what_is_no_definition_is_refused(bpmn: str) -> None:
    with pytest.raises(procedures.ForbiddenElementError):
        procedures.read(bpmn)


def test_steps_are_read_with_role_clock_and_answers() -> None:
    step = procedures.read(HOLLOW.format(STEP)).steps["a"]
    assert (step.role, step.clock, step.minutes) == ("lead", "running", 0)
    assert step.answers == (("x", "X"), ("y", "Y"))
