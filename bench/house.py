"""`python -m bench.house`: the size of functions and files, the measure of STYLE."""

import ast
import statistics
import sys
from pathlib import Path

LARGEST_FILE = 400


def functions(path: Path) -> list[int]:
    """Return the length in lines of every function of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    ]


def main() -> int:
    """Print the measure; return 1 when a file is too large."""
    files = [
        path for path in Path("src").rglob("*.py") if not {"migrations", "tests"} & set(path.parts)
    ]
    lengths = sorted(length for path in files for length in functions(path))
    ninth = lengths[int(len(lengths) * 0.9)]
    print(f"{len(files)} files, {len(lengths)} functions")
    print(f"function lines: median {statistics.median(lengths):.0f}, nine in ten under {ninth}")
    large = [path for path in files if len(path.read_text().splitlines()) > LARGEST_FILE]
    for path in large:
        print(f"over {LARGEST_FILE} lines: {path}")
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main())
