"""The catalogue's door: datasets and the contracts of their rows."""

from haidang.data.catalogue.actions import define, follow, revise
from haidang.data.catalogue.errors import ContractError, UnknownDatasetError
from haidang.data.catalogue.queries import (
    DatasetRef,
    VersionRef,
    contract,
    datasets,
    newest,
    personal_fields,
    versions,
)
from haidang.data.catalogue.rules import (
    READINGS_DATASET,
    READINGS_FIELDS,
    WIDER,
    Change,
    ContractSpec,
    FieldSpec,
    FieldType,
    Kind,
    code_of,
    differences,
    is_compatible,
    is_wider,
    word_of,
)

__all__ = [
    "READINGS_DATASET",
    "READINGS_FIELDS",
    "WIDER",
    "Change",
    "ContractError",
    "ContractSpec",
    "DatasetRef",
    "FieldSpec",
    "FieldType",
    "Kind",
    "UnknownDatasetError",
    "VersionRef",
    "code_of",
    "contract",
    "datasets",
    "define",
    "differences",
    "follow",
    "is_compatible",
    "is_wider",
    "newest",
    "personal_fields",
    "revise",
    "versions",
    "word_of",
]
