"""Datasets, and the versions of the contract that their rows keep."""

from haidang.data.catalogue.models.contracts import (
    Contract,
    ContractQuerySet,
    Dataset,
    DatasetQuerySet,
    Field,
)

__all__ = ["Contract", "ContractQuerySet", "Dataset", "DatasetQuerySet", "Field"]
