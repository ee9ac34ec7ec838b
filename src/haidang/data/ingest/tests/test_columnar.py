"""Blocks parted by Arrow say what Python's reader says, cell by cell and line by line."""

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from haidang.data.ingest.errors import UnreadableFileError
from haidang.data.ingest.files import columnar, delimited, workbook
from haidang.data.ingest.files.opening import cells_of, text_lines

WIDTH = 3
CELLS = ["a", "ộ", "1,5", " ", ";", ";", ";", '"', '""', '"x;y"', '"x""y"', '"x\ny"', "\t", "\x00"]
ROWS = ["\n", "\n", "\r\n", "\r", "\ufeff", "a;b;c\n", '"a";b;"c"\n', "aaaa;bbbb;cccc;\n"]
PIECES = st.sampled_from(CELLS + ROWS)


def said(chunks):
    """Return every row as (line, cells), and what is broken, of chunks of any size."""
    rows, broken = [], []
    try:
        for lines in chunks:
            cells = zip(*(column.to_pylist() for column in lines.columns), strict=True)
            rows += list(zip(lines.rows.to_pylist(), cells, strict=True))
            broken += [(line, raw, why.as_json()) for line, raw, why in lines.broken]
    except UnreadableFileError as error:
        return error.message
    return rows, broken


def slowly(path, first):
    rows = delimited.rows(path, "utf-8", ";")
    return text_lines((row for row in rows if row[0] >= first), WIDTH)


def quickly(path, first):
    table = columnar.Table(path, "utf-8", ";", WIDTH, first, lambda rows: text_lines(rows, WIDTH))
    return columnar.lines(table, lambda seen: None)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join), st.integers(1, 3), st.integers(4, 60))
@example('a;b;c\n"x;b;c\n', 1, 8)
@example("a;b;c\r\n\r\n;;\nd;e;f", 1, 60)
@example(' a; b;c\n"a"; "b";c\n', 1, 60)
def test_a_text_parted_by_columns_is_the_text_parted_row_by_row(
    tmp_path_factory, text, first, block
):
    path = tmp_path_factory.getbasetemp() / "columnar.csv"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columnar, "_CHARACTERS", block)
        patch.setattr(columnar, "_LONGEST", 4 * block)
        found = said(quickly(path, first))

    assert found == said(slowly(path, first))


def test_a_regular_table_never_meets_the_slow_reader(tmp_path):
    path = tmp_path / "lon.csv"
    numbered = (f'"HS{n}";Thủ Dầu Một;"{n}\n""x"""\n' for n in range(30_000))
    path.write_text("".join(itertools.chain(numbered, ["\n;;\n", "x;y;z"])), newline="")
    table = columnar.Table(path, "utf-8", ";", WIDTH, 1, lambda rows: pytest.fail("slow"))

    found, _ = said(columnar.lines(table, lambda seen: None))

    assert len(found) == 30_001
    assert found[29_999] == (59_999, ("HS29999", "Thủ Dầu Một", '29999\n"x"'))
    assert found[-1] == (60_003, ("x", "y", "z"))


CELL_KINDS = [st.text("ab1", max_size=2), st.floats(-9, 9), st.integers(0, 3), st.booleans()]


@settings(deadline=None)
@given(st.sampled_from(CELL_KINDS).flatmap(st.lists) | st.lists(st.none() | st.one_of(CELL_KINDS)))
def test_cells_of_one_kind_say_what_they_say_one_by_one(column):
    texts, plain = cells_of(column)

    assert texts.to_pylist() == [workbook.text_of(cell) for cell in column]
    marks = plain.to_pylist() if plain is not None else [False] * len(column)
    assert marks == [workbook.is_plain(cell) for cell in column]
