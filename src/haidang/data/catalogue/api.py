"""The catalogue's door: datasets and the contracts of their rows."""

from haidang.data.catalogue.actions import define, follow, revise
from haidang.data.catalogue.errors import (
    ContractError,
    DatasetExistsError,
    UnknownDatasetError,
    UnknownThingError,
)
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
from haidang.data.catalogue.queries.contracts import dataset_dependants
from haidang.data.catalogue.queries.difficulties import Papers, all_papers, papers
from haidang.data.catalogue.queries.impact import Dependant, Impact, Thing, Told, codes, impact
from haidang.data.catalogue.queries.impact import register as register_thing
from haidang.data.catalogue.queries.impact import tell as tell_dependants
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
from haidang.data.catalogue.rules.picture import Box, Picture, drawn

__all__ = [
    "READINGS_DATASET",
    "READINGS_FIELDS",
    "WIDER",
    "Box",
    "Change",
    "ContractError",
    "ContractSpec",
    "DatasetExistsError",
    "DatasetRef",
    "Dependant",
    "FieldSpec",
    "FieldType",
    "Impact",
    "Kind",
    "Papers",
    "Picture",
    "Subject",
    "Thing",
    "Told",
    "UnknownDatasetError",
    "UnknownThingError",
    "VersionRef",
    "all_papers",
    "all_personal_classes",
    "code_of",
    "codes",
    "contract",
    "dataset_dependants",
    "datasets",
    "define",
    "differences",
    "drawn",
    "follow",
    "impact",
    "is_compatible",
    "is_wider",
    "name_of",
    "newest",
    "papers",
    "personal_classes",
    "personal_fields",
    "register_subject",
    "register_thing",
    "revise",
    "tell_dependants",
    "versions",
    "word_of",
]
