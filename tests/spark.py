"""Whether Spark can be tried on this machine; where not, its tests say so by name."""

import importlib.util
import shutil

import pytest

needs_spark = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None or shutil.which("java") is None,
    reason="Spark is not tested: pyspark (pip install 'haidang[spark]') or Java 17 is missing",
)
