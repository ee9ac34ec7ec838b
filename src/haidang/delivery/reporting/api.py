"""The door of reporting: regimes, reports owed and sent."""

from haidang.delivery.reporting.actions.assigning import assign
from haidang.delivery.reporting.actions.importing import import_received
from haidang.delivery.reporting.actions.regimes import create_regime
from haidang.delivery.reporting.actions.sending import approve, receive, save, send_back, submit
from haidang.delivery.reporting.actions.uploading import take_workbook
from haidang.delivery.reporting.errors import (
    HasErrorsError,
    OwnReportError,
    ReportingError,
    ReportLockedError,
    ReportNotFoundError,
    TooEarlyError,
    WrongStateError,
    WrongWorkbookError,
)
from haidang.delivery.reporting.queries.filling import Draft
from haidang.delivery.reporting.queries.reports import late
from haidang.delivery.reporting.rules.starter import MONTHLY, FormData, RegimeData
from haidang.delivery.reporting.rules.values import ReportRef

__all__ = [
    "MONTHLY",
    "Draft",
    "FormData",
    "HasErrorsError",
    "OwnReportError",
    "RegimeData",
    "ReportLockedError",
    "ReportNotFoundError",
    "ReportRef",
    "ReportingError",
    "TooEarlyError",
    "WrongStateError",
    "WrongWorkbookError",
    "approve",
    "assign",
    "create_regime",
    "import_received",
    "late",
    "receive",
    "save",
    "send_back",
    "submit",
    "take_workbook",
]
