"""The starter set is written once; what people have changed since stays."""

from dataclasses import replace

import pytest

from haidang.data.catalogue import api as catalogue
from haidang.foundation.core.audit import SYSTEM
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators import starter
from tests.world import build_world


@pytest.mark.django_db
def test_installing_again_leaves_what_people_changed() -> None:
    build_world()
    assert indicators.install_starter() == len(starter.INDICATORS)
    code = next(one.code for one in starter.DATASETS if one.kind == "table")
    first, *others = catalogue.newest(code).fields
    changed = (replace(first, title="Tên mới của trường"), *others)
    catalogue.revise(dataset=code, fields=changed, reason="Đổi tên", by=SYSTEM)

    assert indicators.install_starter() == 0
    assert catalogue.newest(code).fields == changed
