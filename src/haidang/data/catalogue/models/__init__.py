"""Datasets, and the versions of the contract that their rows keep."""

from haidang.data.catalogue.models.contracts import (
    Contract,
    ContractQuerySet,
    Dataset,
    DatasetQuerySet,
    Field,
)
from haidang.data.catalogue.models.difficulties import Difficulty, DifficultyEntry

__all__ = [
    "Contract",
    "ContractQuerySet",
    "Dataset",
    "DatasetQuerySet",
    "Difficulty",
    "DifficultyEntry",
    "Field",
]
