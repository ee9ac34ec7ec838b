"""Quality rules beyond single cells: declared by a person, run over whole columns of every load."""

from haidang.data.ingest.rules.judging.jumps import History
from haidang.data.ingest.rules.judging.running import Known, judge
from haidang.data.ingest.rules.judging.specs import (
    KINDS,
    OPERATORS,
    Codes,
    Compare,
    Jump,
    Reference,
    Spec,
    Sum,
    Total,
    spec_of,
    together,
)

__all__ = [
    "KINDS",
    "OPERATORS",
    "Codes",
    "Compare",
    "History",
    "Jump",
    "Known",
    "Reference",
    "Spec",
    "Sum",
    "Total",
    "judge",
    "spec_of",
    "together",
]
