"""A child process that brings numbered batches through the commit door until it is done or killed.

    python -m tests.verification.committer FIRST LAST

Batch n holds 40 rows of its own and 10 rows that batch n - 1 holds too, with the same values.
Batches that landed before are offered again: the door must not take them twice.
"""

import sys

import django

DATASET = "kiem-chung"
OWN, SHARED = 40, 10


def keys_of(batch: int) -> list[str]:
    own = [f"{batch:06d}-{row:02d}" for row in range(OWN)]
    return [*(f"{batch - 1:06d}-{row:02d}" for row in range(SHARED)), *own]


def main(first: int, last: int) -> None:
    django.setup()
    import pyarrow as pa

    from haidang.data.catalogue import api as catalogue
    from haidang.data.warehouse import api as warehouse

    fields = (
        catalogue.FieldSpec("ma", "Mã", required=True, key=True),
        catalogue.FieldSpec("so", "Số", "integer"),
    )
    warehouse.ensure_table(
        catalogue.ContractSpec(DATASET, 1, "", fields, None, None, "table", None, None)
    )
    for number in range(first, last, 2):
        batches = []
        for batch in (number, number + 1):
            keys = keys_of(batch)
            rows = pa.table({"ma": keys, "so": [int(key.replace("-", "")) for key in keys]})
            batches.append(warehouse.Batch(batch, DATASET, "kiem-chung", rows))
        warehouse.commit(batches)
        print(number + 1, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
