"""The starter set: indicators of a province and the datasets they read, as plain data.

`datasets.DATASETS` are the contracts, `INDICATORS` the dictionary with thresholds and plans.
The README beside tells who writes which dataset. Nothing here runs.
"""

from haidang.insight.indicators.starter.datasets import DATASETS
from haidang.insight.indicators.starter.economy import ECONOMY
from haidang.insight.indicators.starter.people import PEOPLE
from haidang.insight.indicators.starter.services import SERVICES
from haidang.insight.indicators.starter.shapes import (
    DISTRICT_SHARES,
    DatasetData,
    FieldData,
    IndicatorData,
    TargetData,
    ThresholdData,
)
from haidang.insight.indicators.starter.surroundings import SURROUNDINGS

INDICATORS: tuple[IndicatorData, ...] = (*ECONOMY, *SERVICES, *SURROUNDINGS, *PEOPLE)

__all__ = [
    "DATASETS",
    "DISTRICT_SHARES",
    "INDICATORS",
    "DatasetData",
    "FieldData",
    "IndicatorData",
    "TargetData",
    "ThresholdData",
]
