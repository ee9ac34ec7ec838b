"""OpenLineage's RunEvent (spec 2-0-2) of a load or a run. Pure."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_SPEC = "https://openlineage.io/spec"
SCHEMA = f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
_ROWS_OUT = f"{_SPEC}/facets/1-0-2/OutputStatisticsOutputDatasetFacet.json"
_ROWS_IN = f"{_SPEC}/facets/1-0-0/InputStatisticsInputDatasetFacet.json"
_ERROR = f"{_SPEC}/facets/1-0-1/ErrorMessageRunFacet.json"


@dataclass(frozen=True)
class Told:
    """A load or a run at one moment. `inputs` and `outputs` are (name, rows or None)."""

    key: str
    job: str
    state: str  # START, COMPLETE, FAIL, ABORT
    at: dt.datetime
    inputs: Sequence[tuple[str, int | None]]
    outputs: Sequence[tuple[str, int | None]]
    failure: str = ""


def run_event(told: Told, namespace: str) -> dict[str, Any]:
    """Return the event as plain JSON. `namespace` is the address of this installation."""
    facets: dict[str, Any] = {}
    if told.failure:
        facets["errorMessage"] = {
            **_facet(namespace, _ERROR, "ErrorMessageRunFacet"),
            "message": told.failure,
            "programmingLanguage": "SQL",
        }
    return {
        "eventType": told.state,
        "eventTime": told.at.astimezone(dt.UTC).isoformat(),
        "producer": namespace,
        "schemaURL": SCHEMA,
        "run": {"runId": str(uuid.uuid5(uuid.NAMESPACE_URL, told.key)), "facets": facets},
        "job": {"namespace": namespace, "name": told.job},
        "inputs": [_dataset(one, namespace, is_output=False) for one in told.inputs],
        "outputs": [_dataset(one, namespace, is_output=True) for one in told.outputs],
    }


def _dataset(
    named: tuple[str, int | None], namespace: str, *, is_output: bool
) -> Mapping[str, Any]:
    name, rows = named
    said: dict[str, Any] = {"namespace": namespace, "name": name}
    if rows is None:
        return said
    side, kind, where = (
        ("output", "OutputStatisticsOutputDatasetFacet", _ROWS_OUT)
        if is_output
        else ("input", "InputStatisticsInputDatasetFacet", _ROWS_IN)
    )
    facet = {**_facet(namespace, where, kind), "rowCount": rows}
    return said | {f"{side}Facets": {f"{side}Statistics": facet}}


def _facet(namespace: str, where: str, name: str) -> dict[str, str]:
    return {"_producer": namespace, "_schemaURL": f"{where}#/$defs/{name}"}
