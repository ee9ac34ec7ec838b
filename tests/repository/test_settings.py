from pathlib import Path

from haidang.project import options

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


def test_every_option_is_documented_with_its_default() -> None:
    page = REFERENCE.read_text(encoding="utf-8")
    assert page == options.reference()
