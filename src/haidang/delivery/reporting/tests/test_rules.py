"""Numbers as people write them, and what is said about values."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.delivery.reporting.rules import checks, numbers
from haidang.delivery.reporting.rules.checks import Finding, FormSpec, ItemSpec, PairCheck

ITEMS = FormSpec(
    [
        ItemSpec("cases", "Ca mắc mới", "ca", minimum=Decimal(0), jump=Decimal(3)),
        ItemSpec("admitted", "Nhập viện", "ca", minimum=Decimal(0)),
        ItemSpec("share", "Tỷ lệ", "%", 1, required=False, maximum=Decimal(100)),
    ],
    [PairCheck("admitted", "cases")],
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.240", "1240"), ("1.234,5", "1234.5"), ("12.5", "12.5"), ("12,5", "12.5"),
        ("1 240", "1240"), ("97%", "97"), ("-3", "-3"), ("1.234.567", "1234567"), ("0", "0"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_they_are_written_in_vietnam(text: str, number: str) -> None:
    assert numbers.parse(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["=1+1", "1.24.0", "abc", "1e5", "1,2,3", "٣", "9" * 30, "1.240.5"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(numbers.NotANumberError):
        numbers.parse(text)


@given(st.decimals(-(10**12), 10**12, places=2, allow_nan=False))
def test_what_is_written_is_read_back(number: Decimal) -> None:
    assert numbers.parse(numbers.write(number)) == number


def said(**values: str | None) -> list[tuple[str, str]]:
    given_values = {name: None if v is None else Decimal(v) for name, v in values.items()}
    found = checks.findings(ITEMS, given_values, before={"cases": Decimal(4)})
    return [(one.item, one.kind) for one in found]


def test_good_values_need_no_word() -> None:
    assert said(cases="7", admitted="2") == []


def test_what_is_missing_wrong_or_unusual_is_said_at_its_line() -> None:
    assert said(cases="7") == [("admitted", "missing")]
    assert said(cases="12", admitted="1") == [("cases", "unusual")]
    assert said(cases="1", admitted="0") == []  # 3 less is noise
    assert said(cases="7", admitted="9") == [("admitted", "error")]
    assert said(cases="-1", admitted="0")[0] == ("cases", "error")
    assert said(cases="7.5", admitted="0") == [("cases", "error")]
    assert said(cases="7", admitted="0", share="100.5") == [("share", "error")]


def test_messages_say_how_to_mend() -> None:
    values = {"cases": Decimal(12), "admitted": Decimal(13)}

    found = checks.findings(ITEMS, values, before={"cases": Decimal(4)})

    assert found == [
        Finding("cases", "unusual", "Gấp 3 lần kỳ trước (4). Đúng thì chọn “Xác nhận”."),
        Finding(
            "admitted",
            "error",
            "Lớn hơn “Ca mắc mới” (12). Sửa một trong hai ô, hoặc ghi lý do.",
        ),
    ]


def test_what_a_person_vouches_for_is_let_pass() -> None:
    values = {"cases": Decimal(12), "admitted": Decimal(13)}

    found = checks.findings(
        ITEMS, values, before={"cases": Decimal(4)}, explained=frozenset({"cases", "admitted"})
    )

    assert found == []
