from haidang.foundation.core import text


def test_fold_drops_accents_and_case() -> None:
    assert text.fold("  Thủ  Dầu Một ") == "thu dau mot"
    assert text.fold("ĐƯỜNG") == "duong"


def test_sort_key_orders_letters_before_tones() -> None:
    words = ["Đà", "đá", "Da", "An", "Ân", "Ê", "Dĩ An", "Dầu Tiếng"]
    assert sorted(words, key=text.sort_key) == [
        "An",
        "Ân",
        "Da",
        "Dầu Tiếng",
        "Dĩ An",
        "Đà",
        "đá",
        "Ê",
    ]
