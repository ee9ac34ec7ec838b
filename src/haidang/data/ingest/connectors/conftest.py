"""The dataset and source of intake's own tests, for the tests of every connector."""

from haidang.data.ingest.tests.conftest import source, world

__all__ = ["source", "world"]
