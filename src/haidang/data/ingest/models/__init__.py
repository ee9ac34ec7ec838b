"""Sources, their connections and devices; cameras; runs and the rows that wait for a person."""

from haidang.data.ingest.models.cameras import Camera, CameraAccess
from haidang.data.ingest.models.connections import Attempt, Connection
from haidang.data.ingest.models.devices import DeviceEvent, Gap, Mark, Plan, Watch
from haidang.data.ingest.models.judging import QualityRule, RuleOutcome
from haidang.data.ingest.models.refusals import Refusal
from haidang.data.ingest.models.runs import QuarantinedRow, Run
from haidang.data.ingest.models.sources import Device, Source
from haidang.data.ingest.models.structures import Structure
from haidang.data.ingest.models.tallies import Tally

__all__ = [
    "Attempt",
    "Camera",
    "CameraAccess",
    "Connection",
    "Device",
    "DeviceEvent",
    "Gap",
    "Mark",
    "Plan",
    "QualityRule",
    "QuarantinedRow",
    "Refusal",
    "RuleOutcome",
    "Run",
    "Source",
    "Structure",
    "Tally",
    "Watch",
]
