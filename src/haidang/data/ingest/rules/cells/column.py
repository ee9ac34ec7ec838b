"""A typed column and its faults."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_SAMPLE = 512


@dataclass(frozen=True)
class Fault:
    """Rows of a column that share a kind of fault; {value} stands in the message's template."""

    code: str
    message: str
    rows: np.ndarray


@dataclass(frozen=True)
class Column:
    """Typed values (null where empty or faulty) and the faults."""

    values: pa.Array
    faults: list[Fault] = field(default_factory=list)


def fault(code: str, message: str, rows: pa.Array | np.ndarray) -> list[Fault]:
    """Return the fault when any row has it."""
    mask = rows if isinstance(rows, np.ndarray) else mask_of(rows)
    return [Fault(code, message, mask)] if mask.any() else []


def mask_of(rows: pa.Array) -> np.ndarray:
    """Return a boolean array as numpy's; null counts as false."""
    return np.asarray(pc.fill_null(rows, False).to_numpy(zero_copy_only=False), dtype=bool)


def word_by_word(text: pa.Array, read: Callable[[pa.Array], Column]) -> Column:
    """Read a column whose cells say what they say each by itself: what comes often, once."""
    if not _is_repetitive(text):
        return read(text)
    words = text.dictionary_encode()
    found = read(words.dictionary)
    return Column(
        found.values.take(words.indices),
        [
            Fault(each.code, each.message, mask_of(pa.array(each.rows).take(words.indices)))
            for each in found.faults
        ],
    )


def _is_repetitive(text: pa.Array) -> bool:
    sample = text[:_SAMPLE]
    return len(text) > _SAMPLE and len(pc.unique(sample)) < len(sample) // 2


def matches(text: pa.Array, pattern: str) -> pa.Array:
    """Return which cells match a whole pattern (null where empty)."""
    return pc.match_substring_regex(text, pattern=f"^(?:{pattern})$")


def only(text: pa.Array, rows: pa.Array | np.ndarray) -> pa.Array:
    """Return the column with null outside the rows."""
    mask = pa.array(rows) if isinstance(rows, np.ndarray) else pc.fill_null(rows, False)
    return pc.if_else(mask, text, pa.scalar(None, text.type))
