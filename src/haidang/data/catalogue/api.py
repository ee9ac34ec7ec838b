"""The catalogue's door: datasets and the contracts of their rows."""

from haidang.data.catalogue.actions import define
from haidang.data.catalogue.errors import ContractError, UnknownDatasetError
from haidang.data.catalogue.queries import DatasetRef, contract, datasets, personal_fields
from haidang.data.catalogue.rules import (
    READINGS_DATASET,
    READINGS_FIELDS,
    ContractSpec,
    FieldSpec,
    FieldType,
    Kind,
    code_of,
    word_of,
)

__all__ = [
    "READINGS_DATASET",
    "READINGS_FIELDS",
    "ContractError",
    "ContractSpec",
    "DatasetRef",
    "FieldSpec",
    "FieldType",
    "Kind",
    "UnknownDatasetError",
    "code_of",
    "contract",
    "datasets",
    "define",
    "personal_fields",
    "word_of",
]
