"""Text on its way into somebody's spreadsheet."""

import csv
from collections.abc import Iterable, Iterator, Sequence

_RUNS = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str) -> str:
    """Return a cell that a spreadsheet shows and never runs; numbers stay numbers."""
    if not cell.startswith(_RUNS):
        return cell
    bare = cell[1:].replace(".", "").replace(",", "")
    return cell if cell[0] in "+-" and bare.isdigit() else f"'{cell}"


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a table line by line as a spreadsheet here opens it; every cell is harmless."""
    writer = csv.writer(_Echo(), delimiter=";")
    yield "\ufeff"
    yield writer.writerow(head)
    for row in rows:
        yield writer.writerow([harmless(str(cell)) for cell in row])


class _Echo:
    """csv.writer wants something to write to; this hands the line back."""

    def write(self, line: str) -> str:
        return line
