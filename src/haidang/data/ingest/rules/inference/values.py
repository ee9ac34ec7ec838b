"""What is proposed: fields, and what a column of the sample says about itself."""

from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa


@dataclass(frozen=True)
class Proposed:
    """One field as the sample suggests it; `heading` is "" where no column of its own feeds it."""

    name: str
    title: str
    heading: str = ""
    type: str = "string"
    unit_of_measure: str = ""
    required: bool = False
    key: bool = False
    codes: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    personal_data: str = ""
    why: str = ""


@dataclass(frozen=True)
class Sampled:
    """One column of the sample: its trimmed cells (null where nothing stands)."""

    place: int
    heading: str
    text: pa.Array
    plain: pa.Array | None

    @property
    def filled(self) -> int:
        return len(self.text) - int(self.text.null_count)

    @property
    def is_full(self) -> bool:
        return self.text.null_count == 0 and len(self.text) > 0
