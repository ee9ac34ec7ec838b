"""The only expressions that a procedure may contain: comparisons of its own data."""

import ast
from collections.abc import Mapping
from typing import Any

import simpleeval
from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import (
    BasePythonScriptEngineEnvironment,
)

_MAX_LENGTH = 500
_NODES = (ast.Expression, ast.Constant, ast.Name, ast.Load, ast.Compare, ast.BoolOp, ast.UnaryOp,
          ast.And, ast.Or, ast.Not, ast.USub, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt,
          ast.GtE, ast.In, ast.NotIn)  # fmt: skip
_OPERATORS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn,
              ast.Not, ast.USub)  # fmt: skip


class ForbiddenExpressionError(ValueError):
    """Biểu thức của quy trình chỉ được so sánh các kết quả của bước."""


def check(expression: str) -> None:
    """Raise ForbiddenExpressionError unless the text only compares names and constants."""
    if len(expression) > _MAX_LENGTH:
        raise ForbiddenExpressionError("too long")
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ForbiddenExpressionError(str(error)) from error
    for node in ast.walk(tree):
        if not isinstance(node, _NODES):
            raise ForbiddenExpressionError(type(node).__name__)
        if isinstance(node, ast.Name) and node.id.startswith("_"):
            raise ForbiddenExpressionError(node.id)


def names(expression: str) -> frozenset[str]:
    """Return the names that an expression speaks of."""
    tree = ast.parse(expression.strip(), mode="eval")
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def evaluate(expression: str, data: Mapping[str, Any]) -> Any:
    """Return the value of a checked expression over plain data. No calls, no attributes.

    A step that has no answer yet is None.
    """
    check(expression)
    evaluator = simpleeval.SimpleEval(
        names={**dict.fromkeys(names(expression)), **data}, functions={}
    )
    evaluator.operators = {
        kind: function for kind, function in evaluator.operators.items() if kind in _OPERATORS
    }
    for node in (ast.Call, ast.Attribute, ast.Subscript):
        evaluator.nodes.pop(node, None)
    return evaluator.eval(expression.strip())


class RestrictedEnvironment(BasePythonScriptEngineEnvironment):  # type: ignore[misc]  # SpiffWorkflow has no types
    """The engine's door to expressions; scripts and services are shut."""

    def evaluate(
        self, expression: str, context: Mapping[str, Any], external_context: Any = None
    ) -> Any:
        return evaluate(expression, context)

    def execute(self, script: str, context: Any, external_context: Any = None) -> bool:
        raise ForbiddenExpressionError("script")

    def call_service(self, context: Any, **_arguments: Any) -> Any:
        raise ForbiddenExpressionError("service")


class RestrictedEngine(PythonScriptEngine):  # type: ignore[misc]  # SpiffWorkflow has no types
    """SpiffWorkflow's script engine, without Python."""

    def __init__(self) -> None:
        super().__init__(RestrictedEnvironment())

    def validate(self, expression: str) -> None:
        check(expression)
