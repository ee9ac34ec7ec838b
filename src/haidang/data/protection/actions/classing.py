"""Saying which fields of a dataset hold personal data, and of which class."""

from collections.abc import Mapping
from dataclasses import replace

from haidang.data.catalogue import api as catalogue
from haidang.data.protection import errors
from haidang.data.protection.rules import masks
from haidang.foundation.access.api import Scope


def classify(*, dataset: str, classes: Mapping[str, str], by: Scope) -> catalogue.ContractSpec:
    """Set the classes of fields ("" takes it back): a new version of the contract, audited.

    A field that once held personal data stays masked. Raises ProtectionError, NotAllowedError.
    """
    contract = catalogue.newest(dataset)
    by.require("catalogue.manage", contract.owner_unit_id, contract.sector)
    unknown = {*classes} - {*contract.names} | {*classes.values()} - {*masks.CLASSES, ""}
    if unknown:
        raise errors.ProtectionError(f"Không có trường hoặc loại “{sorted(unknown)[0]}”.")
    fields = [
        replace(one, personal_data=classes.get(one.name, one.personal_data))
        for one in contract.fields
    ]
    if tuple(fields) == contract.fields:
        return contract
    return catalogue.revise(
        dataset=dataset, fields=fields, reason="Khai loại dữ liệu cá nhân của các trường", by=by
    )
