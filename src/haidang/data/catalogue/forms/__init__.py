"""What a reader of the catalogue asks, and how a steward writes a new version."""

from haidang.data.catalogue.forms.datasets import DatasetFilter
from haidang.data.catalogue.forms.versions import FieldsFormSet, VersionForm, fields_of, initial_of

__all__ = ["DatasetFilter", "FieldsFormSet", "VersionForm", "fields_of", "initial_of"]
