"""The catalogue's door: datasets and the contracts of their rows."""

from haidang.data.catalogue.actions import define, follow, revise
from haidang.data.catalogue.errors import ContractError, UnknownDatasetError
from haidang.data.catalogue.kinds import Subject
from haidang.data.catalogue.kinds import register as register_subject
from haidang.data.catalogue.queries import (
    DatasetRef,
    VersionRef,
    all_personal_classes,
    contract,
    datasets,
    newest,
    personal_classes,
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
    name_of,
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
    "Subject",
    "UnknownDatasetError",
    "VersionRef",
    "all_personal_classes",
    "code_of",
    "contract",
    "datasets",
    "define",
    "differences",
    "follow",
    "is_compatible",
    "is_wider",
    "name_of",
    "newest",
    "personal_classes",
    "personal_fields",
    "register_subject",
    "revise",
    "versions",
    "word_of",
]
