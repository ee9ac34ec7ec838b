"""The packaged extensions, loaded from their wheels: nothing is ever fetched."""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

PACKAGED = ("ducklake", "postgres_scanner")


def load(connection: "duckdb.DuckDBPyConnection") -> None:
    """Load every packaged extension into an instance."""
    for name in PACKAGED:
        load_one(connection, name)


def load_one(connection: "duckdb.DuckDBPyConnection", name: str) -> None:
    """Load one packaged extension into an instance."""
    connection.execute(f"LOAD '{_file(name)}'")


def _file(name: str) -> Path:
    folder = Path(str(importlib.import_module(f"duckdb_extension_{name}").__file__)).parent
    return next(folder.glob(f"extensions/*/{name}.duckdb_extension"))
