"""What people fill in: files, rows to mend, reasons, sources."""

from haidang.data.ingest.forms.mapping import MappingForm, SampleForm
from haidang.data.ingest.forms.rows import MendForm, ReasonForm, UploadForm
from haidang.data.ingest.forms.sources import EditSourceForm, NewSourceForm

__all__ = [
    "EditSourceForm",
    "MappingForm",
    "MendForm",
    "NewSourceForm",
    "ReasonForm",
    "SampleForm",
    "UploadForm",
]
