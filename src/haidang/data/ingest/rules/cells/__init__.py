"""From the text of a cell to a typed value, a whole column at once.

Every reader takes a column of trimmed text (null where nothing was written) and answers a
`Column`: typed values, and for each kind of fault the mask of the rows that have it.
"""

from haidang.data.ingest.rules.cells.column import Column, Fault
from haidang.data.ingest.rules.cells.dates import dates, datetimes, yearmonths, years
from haidang.data.ingest.rules.cells.numbers import integers, numbers
from haidang.data.ingest.rules.cells.words import booleans, strings

__all__ = [
    "Column",
    "Fault",
    "booleans",
    "dates",
    "datetimes",
    "integers",
    "numbers",
    "strings",
    "yearmonths",
    "years",
]
