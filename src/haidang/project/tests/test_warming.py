"""The supervisor imports what its children will need, and opens nothing itself."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("views", "routes", "forms", "tables", "urls", "templatetags", "streams", "jobs")

_SAY = """
import sys
from haidang.project.processes import prepare
prepare.warm()
from django.db import connections
assert connections["default"].connection is None
from django.template import engines
parsed = engines["django"].engine.template_loaders[0].get_template_cache
print("\\n".join([*sys.modules, *parsed]))
"""


def _rooms() -> set[str]:
    """Return the module names of every room that a first request or job enters."""
    found = set()
    for file in ROOT.glob("*/*/**/*.py"):
        parts = file.relative_to(ROOT.parent).with_suffix("").parts
        if len(parts) > 3 and parts[3] in ROOMS and "tests" not in parts:
            found.add(".".join(parts).removesuffix(".__init__"))
    return found


def _templates() -> set[str]:
    folders = ROOT.glob("*/*/templates")
    files = ((folder, file) for folder in folders for file in folder.rglob("*.html"))
    return {str(file.relative_to(folder)) for folder, file in files}


def test_a_first_request_finds_everything_imported_and_parsed(tmp_path: Path) -> None:
    settings = {"HAIDANG_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT.parent)}
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _SAY],
        env={**os.environ, **settings}, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    rooms = _rooms()
    assert len(rooms) > 50
    assert rooms - set(said) == set()
    assert len(_templates()) > 50
    assert _templates() - set(said) == set()
