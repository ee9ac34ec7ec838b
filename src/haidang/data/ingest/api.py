"""The door of data intake for other domains."""

from haidang.data.ingest.actions.amending import amend_and_replay, replay_all
from haidang.data.ingest.actions.cameras import log as log_camera_access
from haidang.data.ingest.actions.cameras import register as register_camera
from haidang.data.ingest.actions.connections import ask as ask_connection
from haidang.data.ingest.actions.connections import create_connection
from haidang.data.ingest.actions.consent import agree_structure, refuse_structure
from haidang.data.ingest.actions.devices import (
    change_device,
    register_device,
    set_device_state,
)
from haidang.data.ingest.actions.lateness import look as look_for_delivery
from haidang.data.ingest.actions.mapping import Trial
from haidang.data.ingest.actions.mending import discard, mend, replay
from haidang.data.ingest.actions.plans import declare as declare_plan
from haidang.data.ingest.actions.plans import withdraw as withdraw_plan
from haidang.data.ingest.actions.quality_rules import declare_rule, switch_rule, try_rule
from haidang.data.ingest.actions.runs import (
    approve_run,
    cancel,
    load,
    load_file,
    refuse_secret,
    reject_run,
)
from haidang.data.ingest.actions.runs import process as process_run
from haidang.data.ingest.actions.sending import send_outside
from haidang.data.ingest.actions.sources import (
    approve_automatic,
    change_source,
    create_source,
    propose_automatic,
    withdraw_automatic,
)
from haidang.data.ingest.actions.streams import record as record_stream
from haidang.data.ingest.actions.trying import check_file
from haidang.data.ingest.errors import (
    AlreadyDecidedError,
    DeviceNotFoundError,
    IngestError,
    PlanNotFoundError,
    RowNotFoundError,
    RowStillWrongError,
    RunNotFoundError,
    SamePersonError,
    SourceNotFoundError,
    TooLargeError,
    UnreadableFileError,
)
from haidang.data.ingest.evaluators import Evaluator, Readings
from haidang.data.ingest.evaluators import changed as evaluator_changed
from haidang.data.ingest.evaluators import register as register_evaluator
from haidang.data.ingest.queries import (
    awaits_approval,
    devices,
    lineage,
    origins,
    pending_batches,
    receipt,
    receipt_of,
    source,
    source_for,
    sources,
    waiting_rows,
)
from haidang.data.ingest.queries.gathered import Gathered, gathered
from haidang.data.ingest.queries.gathered import Kind as QualityKind
from haidang.data.ingest.queries.gathered import Thing as QualityThing
from haidang.data.ingest.queries.gathered import register as register_quality
from haidang.data.ingest.queries.troubles import DeviceTrouble, device_troubles, silent_devices
from haidang.data.ingest.rules.pulling import Schedule
from haidang.data.ingest.rules.quality import Score as QualityScore
from haidang.data.ingest.rules.quality import Scores as QualityScores
from haidang.data.ingest.rules.values import DeviceRef, Lineage, Receipt, SourceRef, Waiting

__all__ = [
    "AlreadyDecidedError",
    "DeviceNotFoundError",
    "DeviceRef",
    "DeviceTrouble",
    "Evaluator",
    "Gathered",
    "IngestError",
    "Lineage",
    "PlanNotFoundError",
    "QualityKind",
    "QualityScore",
    "QualityScores",
    "QualityThing",
    "Readings",
    "Receipt",
    "RowNotFoundError",
    "RowStillWrongError",
    "RunNotFoundError",
    "SamePersonError",
    "Schedule",
    "SourceNotFoundError",
    "SourceRef",
    "TooLargeError",
    "Trial",
    "UnreadableFileError",
    "Waiting",
    "agree_structure",
    "amend_and_replay",
    "approve_automatic",
    "approve_run",
    "ask_connection",
    "awaits_approval",
    "cancel",
    "change_device",
    "change_source",
    "check_file",
    "create_connection",
    "create_source",
    "declare_plan",
    "declare_rule",
    "device_troubles",
    "devices",
    "discard",
    "evaluator_changed",
    "gathered",
    "lineage",
    "load",
    "load_file",
    "log_camera_access",
    "look_for_delivery",
    "mend",
    "origins",
    "pending_batches",
    "process_run",
    "propose_automatic",
    "receipt",
    "receipt_of",
    "record_stream",
    "refuse_secret",
    "refuse_structure",
    "register_camera",
    "register_device",
    "register_evaluator",
    "register_quality",
    "reject_run",
    "replay",
    "replay_all",
    "send_outside",
    "set_device_state",
    "silent_devices",
    "source",
    "source_for",
    "sources",
    "switch_rule",
    "try_rule",
    "waiting_rows",
    "withdraw_automatic",
    "withdraw_plan",
]
