"""Named SQL of this package."""

from functools import cache
from importlib import resources


@cache
def named(name: str) -> str:
    """Return the text of `sql/<name>.sql`."""
    return resources.files(__package__).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
