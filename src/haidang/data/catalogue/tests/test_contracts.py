"""Contracts: a change makes a new version, audited."""

from decimal import Decimal

import pytest

from haidang.data.catalogue import api as catalogue
from haidang.foundation.access.api import EVERYTHING
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import AuditEntry

pytestmark = pytest.mark.django_db
KEY = catalogue.FieldSpec("ma", "Mã", required=True, key=True)
VALUE = catalogue.FieldSpec("so", "Số", "number", minimum=Decimal("0.5"), codes=("1", "2"))


def define(*fields: catalogue.FieldSpec, **more: object) -> catalogue.ContractSpec:
    return catalogue.define(dataset="bo", title="Bộ", fields=fields, by=SYSTEM, **more)  # type: ignore[arg-type]


def test_what_was_defined_is_read_back():
    defined = define(KEY, VALUE)

    assert catalogue.contract("bo") == defined
    assert defined.key_fields == ("ma",)


def test_the_same_contract_again_changes_nothing():
    assert define(KEY, VALUE) == define(KEY, VALUE)
    assert AuditEntry.objects.filter(action="catalogue.contract_made").count() == 1


def test_a_change_is_a_new_version():
    define(KEY)

    assert define(KEY, VALUE, new_version=True).version == 2
    assert catalogue.contract("bo", version=1).names == ("ma",)
    assert AuditEntry.objects.filter(action="catalogue.contract_made").count() == 2


@pytest.mark.parametrize("other", [{"fields": [KEY]}, {"title": "Bộ khác"}, {"sector": "y-te"}])
def test_a_dataset_is_not_redefined_by_whoever_takes_its_code(other):
    first = define(KEY, VALUE)
    asked = {"dataset": "bo", "title": "Bộ", "fields": [KEY, VALUE], "by": SYSTEM} | other

    with pytest.raises(catalogue.DatasetExistsError, match=r"“bo” đã có \(Bộ, phiên bản 1\)"):
        catalogue.define(**asked)
    assert catalogue.newest("bo") == first
    assert [one.title for one in catalogue.datasets(EVERYTHING)] == ["Bộ"]


def test_readings_have_their_own_fields():
    spec = catalogue.define(dataset="quan-trac", title="Quan trắc", kind="readings", by=SYSTEM)

    assert spec.fields == catalogue.READINGS_FIELDS
    assert (spec.unit_field, spec.time_field) == ("unit", "time")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ((VALUE,), "khóa"),
        ((KEY, KEY), "lặp"),
        ((catalogue.FieldSpec("Mã số", "Mã", key=True),), "Tên trường"),
        ((catalogue.FieldSpec("ma", "Mã", key=True, pattern="("),), "mẫu"),
    ],
)
def test_faults_are_named(fields, words):
    with pytest.raises(catalogue.ContractError, match=words):
        define(*fields)


def test_unknown_datasets_are_named():
    with pytest.raises(catalogue.UnknownDatasetError):
        catalogue.contract("khong-co")
