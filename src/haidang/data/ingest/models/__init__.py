"""Sources, their connections and devices; runs and the rows that wait for a person."""

from haidang.data.ingest.models.connections import Attempt, Connection
from haidang.data.ingest.models.refusals import Refusal
from haidang.data.ingest.models.runs import QuarantinedRow, Run
from haidang.data.ingest.models.sources import Device, Source

__all__ = ["Attempt", "Connection", "Device", "QuarantinedRow", "Refusal", "Run", "Source"]
