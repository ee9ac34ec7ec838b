from haidang.foundation.core import text


def test_words_fold_without_accents() -> None:
    assert text.fold("Thủ Dầu  Một, Đất Cuốc") == "thu dau mot, dat cuoc"


def test_names_sort_as_in_the_dictionary() -> None:
    names = ["Đất Cuốc", "Dầu Tiếng", "Ấp", "An Bình", "Ân", "Dĩ An", "Bàu Bàng", "Bến Cát"]

    assert sorted(names, key=text.sort_key) == [
        *("An Bình", "Ân", "Ấp", "Bàu Bàng", "Bến Cát", "Dầu Tiếng", "Dĩ An", "Đất Cuốc")
    ]
