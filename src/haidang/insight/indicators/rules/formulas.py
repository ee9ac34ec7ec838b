"""Formulas over other indicators: arithmetic only, no attribute, no call but min, max, abs."""

import ast
from collections.abc import Mapping

from simpleeval import SimpleEval

from haidang.insight.indicators.errors import BadFormulaError

_FUNCTIONS = {"min": min, "max": max, "abs": abs}
_ALLOWED = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.USub, ast.UAdd,
    ast.Name, ast.Load, ast.Constant, ast.Call,
)  # fmt: skip
_LONGEST = 500


def names(formula: str) -> frozenset[str]:
    """Return the names that a formula needs. Raises BadFormulaError where it does more than sums.

    Indicators are named with underscores: `ho_so_dung_han` is the indicator `ho-so-dung-han`.
    """
    if len(formula) > _LONGEST:
        raise BadFormulaError
    try:
        tree = ast.parse(formula, mode="eval")
    except (SyntaxError, ValueError, RecursionError) as error:
        raise BadFormulaError from error
    for node in ast.walk(tree):
        _check(node)
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return frozenset(found - _FUNCTIONS.keys())


def _check(node: ast.AST) -> None:
    if not isinstance(node, _ALLOWED):
        raise BadFormulaError
    if isinstance(node, ast.Constant) and type(node.value) not in (int, float):
        raise BadFormulaError
    if isinstance(node, ast.Call) and not (
        isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS and not node.keywords
    ):
        raise BadFormulaError


def codes(formula: str) -> frozenset[str]:
    """Return the codes of the indicators that a formula reads."""
    return frozenset(name.replace("_", "-") for name in names(formula))


def evaluate(formula: str, values: Mapping[str, float | None]) -> float | None:
    """Return the result over values by code; None where one is missing or a divisor is zero."""
    needed = {name: values.get(name.replace("_", "-")) for name in names(formula)}
    if any(value is None for value in needed.values()):
        return None
    evaluator = SimpleEval(functions=_FUNCTIONS, names=needed)
    try:
        return float(evaluator.eval(formula))
    except (ZeroDivisionError, OverflowError):
        return None
