import pytest
from django.db import DatabaseError, transaction

from haidang.foundation.core import audit
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import AuditEntry, StoredFile


@pytest.mark.django_db
def test_the_database_refuses_to_alter_the_audit_trail() -> None:
    row = StoredFile.objects.create(sha256="0" * 64, size=1, name="a.csv")
    audit.record(action="core.tried", on=row, by=SYSTEM, changes={"size": 1}, reason="thử")
    entry = AuditEntry.objects.get()

    with pytest.raises(DatabaseError, match="never altered"), transaction.atomic():
        AuditEntry.objects.update(reason="khác")
    with pytest.raises(DatabaseError, match="never altered"), transaction.atomic():
        entry.delete()

    entry.refresh_from_db()
    assert (entry.actor_label, entry.object_label, entry.reason) == ("Hệ thống", "a.csv", "thử")


@pytest.mark.django_db
def test_what_the_law_removes_is_blotted_and_nothing_else_of_an_entry() -> None:
    row = StoredFile.objects.create(sha256="0" * 64, size=1, name="a.csv")
    audit.record(action="core.tried", on=row, by=SYSTEM, changes={"ten": ["An", "Anh"]}, reason="x")

    assert audit.blot("core.storedfile", [row.pk]) == 1

    entry = AuditEntry.objects.get()
    assert (entry.changes, entry.reason, entry.actor_label) == ({"removed": True}, "x", "Hệ thống")
    with pytest.raises(DatabaseError, match="never altered"), transaction.atomic():
        AuditEntry.objects.update(changes={"ten": "khác"})


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_the_transaction_of_its_change_is_refused() -> None:
    row = StoredFile.objects.create(sha256="0" * 64, size=1, name="a.csv")

    with pytest.raises(RuntimeError, match="must share the transaction"):
        audit.record(action="core.tried", on=row, by=SYSTEM)
