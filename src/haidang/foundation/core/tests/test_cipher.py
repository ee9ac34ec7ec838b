"""Secrets at rest: they open for their purpose alone, and only for so long."""

import pytest

from haidang.foundation.core import cipher


def test_what_is_sealed_opens_for_its_purpose_alone():
    sealed = cipher.seal("mật khẩu", purpose="connection")
    assert "mật" not in sealed
    assert cipher.unseal(sealed, purpose="connection") == "mật khẩu"
    with pytest.raises(cipher.SealBrokenError):
        cipher.unseal(sealed, purpose="second factor")


def test_it_does_not_open_under_another_key_nor_too_late(settings):
    sealed = cipher.seal("x", purpose="connection")
    with pytest.raises(cipher.SealBrokenError):
        cipher.unseal(sealed, purpose="connection", max_age=-1)
    settings.SECRET_KEY = "another"
    with pytest.raises(cipher.SealBrokenError):
        cipher.unseal(sealed, purpose="connection")
