"""What is known of datasets, within a scope."""

from haidang.data.catalogue.queries.contracts import (
    DatasetRef,
    VersionRef,
    all_personal_classes,
    contract,
    datasets,
    newest,
    personal_classes,
    personal_fields,
    ref_of,
    spec_of,
    subject,
    versions,
    visible,
    visible_one,
)

__all__ = [
    "DatasetRef",
    "VersionRef",
    "all_personal_classes",
    "contract",
    "datasets",
    "newest",
    "personal_classes",
    "personal_fields",
    "ref_of",
    "spec_of",
    "subject",
    "versions",
    "visible",
    "visible_one",
]
