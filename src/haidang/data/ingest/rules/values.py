"""The values that leave this domain."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SourceRef:
    """A source, as other domains see it."""

    id: int
    code: str
    title: str
    kind: str
    dataset: str
    supplier_unit_id: int
    sector: str
    cycle: str
    is_automatic: bool
    is_life_safety: bool
    is_active: bool
    is_simulated: bool
    last_success_at: datetime.datetime | None
    late_since: datetime.datetime | None
    max_age_days: int = 0


@dataclass(frozen=True)
class DeviceRef:
    """A registered device; `place` is (latitude, longitude)."""

    id: int
    code: str
    source: str
    unit_id: int
    unit_code: str
    state: str
    title: str = ""
    metrics: tuple[str, ...] = ()
    place: tuple[float, float] | None = None


@dataclass(frozen=True)
class Receipt:
    """What became of one arrival: read = accepted + quarantined + duplicate; revised ⊂ accepted."""

    run_id: int
    source: str
    dataset: str
    read: int
    accepted: int
    quarantined: int
    duplicate: int
    revised: int
    status: str
    approval: str
    sha256: str
    failure: str = ""

    @property
    def reconciles(self) -> bool:
        return self.read == self.accepted + self.quarantined + self.duplicate


@dataclass(frozen=True)
class Waiting:
    """Rows of one source that broke the contract: how many wait, how many were decided."""

    open: int
    mended: int
    discarded: int


@dataclass(frozen=True)
class Lineage:
    """Where a batch came from and who answers for it."""

    batch: int
    run_id: int
    source: str
    source_title: str
    supplier_unit_id: int
    dataset: str
    channel: str
    file_name: str
    sha256: str
    received_at: datetime.datetime
    loaded_by: str
    approval: str
    approved_by: str
    approved_at: datetime.datetime | None
    is_automatic: bool
    is_simulated: bool
    file_gone: str = ""  # why the original is not kept any more


@dataclass(frozen=True)
class Reason:
    """Why a row waits: the field, a stable code, and a sentence with the place and the mend."""

    field: str
    code: str
    message: str

    def as_json(self) -> dict[str, str]:
        return {"field": self.field, "code": self.code, "message": self.message}


Rejected = tuple[int, Mapping[str, Any], list[Mapping[str, str]]]
"""A row for the quarantine: (row_no, raw, [{field, code, message}])."""
