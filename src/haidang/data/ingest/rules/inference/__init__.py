"""From a sample of rows to a proposed contract: what a person then reads, mends and keeps."""

from haidang.data.ingest.rules.inference.proposing import Proposal, propose
from haidang.data.ingest.rules.inference.values import Proposed

__all__ = ["Proposal", "Proposed", "propose"]
