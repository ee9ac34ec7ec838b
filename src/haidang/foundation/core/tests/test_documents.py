"""What a JSON document may hold is asked before it is built."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.foundation.core import documents

values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 10**9) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def built(document: object) -> int:
    """Count the values of a document one by one."""
    inner = document.values() if isinstance(document, dict) else document
    return 1 + sum(map(built, inner)) if isinstance(document, dict | list) else 1


@given(values)
def test_a_document_never_holds_more_values_than_its_marks_say(document: object) -> None:
    import orjson

    content = orjson.dumps(document)
    assert documents.parsed(content, most_bytes=1 << 20) == document
    with pytest.MonkeyPatch.context() as lower:
        lower.setattr(documents, "MOST_VALUES", built(document) - 2)
        with pytest.raises(documents.LargeDocumentError, match="giá trị"):
            documents.parsed(content, most_bytes=1 << 20)


@pytest.mark.parametrize("unit", [b"[],", b"{},", b"1,", b'"a",'])
def test_a_bomb_within_the_bytes_is_refused_before_it_is_built(unit: bytes) -> None:
    bomb = b"[" + unit * (20_000_000 // len(unit)) + b"0]"
    tracemalloc.start()
    with pytest.raises(documents.LargeDocumentError, match=r"5\.000\.000 giá trị") as caught:
        documents.parsed(bomb, most_bytes=64 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20 and caught.value.details["status"] == 413


def test_size_and_depth_have_their_sentences() -> None:
    with pytest.raises(documents.LargeDocumentError, match="lớn hơn 1 MB"):
        documents.parsed(b" " * ((1 << 20) + 1), most_bytes=1 << 20)
    with pytest.raises(documents.BrokenDocumentError, match="254 tầng"):
        documents.parsed(b"[" * 300 + b"]" * 300, most_bytes=1 << 20)
    with pytest.raises(documents.BrokenDocumentError, match="dòng 1"):
        documents.parsed(b"{", most_bytes=1 << 20)
