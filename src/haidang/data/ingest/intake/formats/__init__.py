"""The formats in which readings come; each turns requests into columns, pure and vectorised."""

from haidang.data.ingest.intake.formats import arrow, lines, senml
from haidang.data.ingest.intake.notes import ARROW, LINES, SENML

PARSERS = {SENML: senml.parse, LINES: lines.parse, ARROW: arrow.parse}
