"""NGSI-LD as data: the units of measure of UN/CEFACT, and Smart Data Models as contracts."""

from haidang.data.ingest.rules.ngsi.models import MODELS, Attribute, Model
from haidang.data.ingest.rules.ngsi.units import converted

__all__ = ["MODELS", "Attribute", "Model", "converted"]
