"""Verification runs real child processes on the test database."""

import os
from collections.abc import Iterator

import pytest
from psycopg.conninfo import make_conninfo


@pytest.fixture
def children_see_the_test_database(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Point the environment that children inherit at the database of the tests."""
    from haidang.data.warehouse import api as warehouse
    from haidang.data.warehouse.engine import instances

    parts = instances.database_parts()
    monkeypatch.setenv("HAIDANG_DATABASE_URL", make_conninfo(**parts))
    assert os.environ["HAIDANG_DATA_DIR"]
    warehouse.prepare()
    yield
