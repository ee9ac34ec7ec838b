"""The typed contract of a dataset, and what tells one version of it from another."""

from haidang.data.catalogue.rules.contract import (
    READINGS_DATASET,
    READINGS_FIELDS,
    READINGS_WORDS,
    TYPES,
    ContractSpec,
    FieldSpec,
    FieldType,
    Kind,
    code_of,
    faults,
    first_of_type,
    name_of,
    word_of,
)
from haidang.data.catalogue.rules.differences import (
    WIDER,
    Change,
    differences,
    is_compatible,
    is_wider,
)

__all__ = [
    "READINGS_DATASET",
    "READINGS_FIELDS",
    "READINGS_WORDS",
    "TYPES",
    "WIDER",
    "Change",
    "ContractSpec",
    "FieldSpec",
    "FieldType",
    "Kind",
    "code_of",
    "differences",
    "faults",
    "first_of_type",
    "is_compatible",
    "is_wider",
    "name_of",
    "word_of",
]
