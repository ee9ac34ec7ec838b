"""`haidang query`: statements, pipelines' statements and expressions, in every format."""

import datetime as dt
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from haidang.data.catalogue import api as catalogue
from haidang.data.catalogue.api import FieldSpec
from haidang.data.warehouse import api as warehouse
from haidang.foundation.core.audit import SYSTEM
from haidang.project import querying
from tests.world import World, build_world

FIELDS = (
    FieldSpec("xa", "Xã", "unit", required=True, key=True),
    FieldSpec("so_ca", "Số ca", "integer"),
    FieldSpec("nguoi", "Người báo", personal_data="name"),
)


@pytest.fixture
def world(db: None) -> World:
    built = build_world()
    catalogue.define(
        dataset="ca-benh", title="Ca bệnh", fields=FIELDS, sector="moi-truong",
        owner_unit_id=built.unit("74.STNMT"), by=SYSTEM,
    )  # fmt: skip
    warehouse.ensure_table(catalogue.contract("ca-benh"))
    return built


def bring(**rows: int) -> None:
    columns = {"xa": [one[1:] for one in rows], "so_ca": list(rows.values())}
    table = pa.table(columns | {"nguoi": ["Nguyễn Văn A"] * len(rows)})
    warehouse.commit([warehouse.Batch(warehouse.next_batch(), "ca-benh", "thu", table)])


def doubled(tables):
    found = tables["ca-benh"]
    return found.select(found.xa, doi=found.so_ca * 2).order_by("xa")


def test_newest_rows_and_those_known_before(world, tmp_path, capsysbinary):
    bring(_25747=3, _25750=4)
    before = dt.datetime.now(dt.UTC)
    bring(_25747=5)
    text = "SELECT xa, so_ca FROM ca_benh ORDER BY xa"

    assert querying.query(querying.Asked(text), "csv", None) == 0
    assert capsysbinary.readouterr().out == b'"xa","so_ca"\n"25747",5\n"25750",4\n'
    assert querying.query(querying.Asked(text, as_known=before), "json", None) == 0
    lines = capsysbinary.readouterr().out.splitlines()
    assert [json.loads(one)["so_ca"] for one in lines] == [3, 4]
    to = tmp_path / "rows.parquet"
    assert querying.query(querying.Asked(text), "parquet", to) == 0
    assert pq.read_table(to).column("so_ca").to_pylist() == [5, 4]


def test_an_expression_in_code_is_asked_by_its_name(world, tmp_path):
    bring(_25747=3)
    name = f"ibis:{__name__}:doubled"
    found = querying.answer(querying.Asked(name, inputs=["ca-benh"]), tmp_path / "rows.arrow")
    assert found.to_pylist() == [{"xa": "25747", "doi": 6}]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("SELECT nguoi FROM ca_benh", "nguoi"),
        ("SELECT * FROM access_account", "access_account"),
        ("ibis:json:nothing", "nothing"),
        ("pipeline:khong-co", "luồng"),
    ],
)
def test_what_is_not_answered_is_one_sentence(world, text, word, capsys):
    bring(_25747=3)
    assert querying.query(querying.Asked(text), "table", None) == 1
    said = capsys.readouterr().err
    assert said.startswith("haidang: ") and word in said and said.count("\n") == 1


def test_a_table_for_the_eye_says_how_much_it_left_out():
    to = io.BytesIO()
    querying._write_table(pa.table({"số": list(range(300)), "chữ": [None] * 300}), to)
    lines = to.getvalue().decode().splitlines()
    assert lines[:2] == ["số   chữ", "0    –"] and lines[-1] == "(300 dòng; 200 dòng đầu ở trên)"
