"""Making and widening the lake's tables."""

from typing import TYPE_CHECKING

from haidang.data.warehouse import errors, rules
from haidang.data.warehouse.engine import control, door

if TYPE_CHECKING:
    import duckdb

    from haidang.data.catalogue.api import ContractSpec

_MARKS = (("_batch", "BIGINT"), ("_row", "BIGINT"))
_REPEATED = (("_of_batch", "BIGINT"), ("_of_row", "BIGINT"))


def ensure_table(contract: "ContractSpec") -> None:
    """Make the dataset's table, or widen it for a newer contract; again changes nothing.

    Raises IncompatibleContractError where the key or a type of what is there would change.
    """
    wanted = _info(contract)
    with control.session() as held:
        held.lock_tables([contract.dataset])
        try:
            known = held.table(contract.dataset)
        except errors.UnknownTableError:
            known = None
        if known is not None and _same(known, wanted):
            return
        merged = wanted if known is None else _merged(known, wanted)
        with held.lake_locked():
            _alter(None if known is None else known, merged)
            held.register(merged)


def cannot_follow(known: rules.TableInfo, contract: "ContractSpec") -> str:
    """Return why a table could not follow a contract; "" where it could."""
    try:
        _merged(known, _info(contract))
    except errors.IncompatibleContractError as error:
        return error.message
    return ""


def _info(contract: "ContractSpec") -> rules.TableInfo:
    return rules.TableInfo(
        dataset=contract.dataset,
        kind=contract.kind,
        columns=tuple((field.name, field.type) for field in contract.fields),
        key=contract.key_fields,
        unit_field=contract.unit_field,
        time_field=contract.time_field,
        sector=contract.sector,
        owner_unit_id=contract.owner_unit_id,
    )


def _same(known: rules.TableInfo, wanted: rules.TableInfo) -> bool:
    described = (known.unit_field, known.time_field, known.sector, known.owner_unit_id)
    return (
        described == (wanted.unit_field, wanted.time_field, wanted.sector, wanted.owner_unit_id)
        and known.key == wanted.key
        and set(wanted.columns) <= set(known.columns)
    )


def _merged(known: rules.TableInfo, wanted: rules.TableInfo) -> rules.TableInfo:
    if known.key != wanted.key or known.kind != wanted.kind:
        raise errors.IncompatibleContractError("Không đổi được khóa của bảng đã có dữ liệu.")
    after = dict(wanted.columns)
    for name, kind in known.columns:
        if not rules.may_become(kind, after.get(name, kind), is_key=name in known.key):
            raise errors.IncompatibleContractError(
                f"Không đổi được kiểu của cột “{name}” đã có dữ liệu: thêm một trường mới."
            )
    kept = tuple((name, after.get(name, kind)) for name, kind in known.columns)
    added = tuple(pair for pair in wanted.columns if pair[0] not in dict(known.columns))
    return rules.TableInfo(
        dataset=known.dataset,
        kind=known.kind,
        columns=kept + added,
        key=known.key,
        unit_field=wanted.unit_field,
        time_field=wanted.time_field,
        sector=wanted.sector,
        owner_unit_id=wanted.owner_unit_id,
        commits=known.commits,
        revised=known.revised,
        repeated=known.repeated,
    )


def _alter(known: rules.TableInfo | None, wanted: rules.TableInfo) -> None:
    with door.transaction() as cursor:
        if known is None:
            _create(cursor, wanted)
        else:
            _widen(cursor, known, wanted)


def _create(cursor: "duckdb.DuckDBPyConnection", info: rules.TableInfo) -> None:
    columns = [(name, info.lake_type(name)) for name in info.names]
    keys = [(name, info.lake_type(name)) for name in info.key]
    _create_one(cursor, info.table, [*columns, *_MARKS])
    _create_one(cursor, info.revisions, [*columns, *_MARKS])
    _create_one(cursor, info.repeats, [*keys, *_MARKS, *_REPEATED])
    if info.is_partitioned:
        time = rules.quoted(str(info.time_field))
        name = rules.quoted(info.table)
        cursor.execute(f"ALTER TABLE lake.{name} SET PARTITIONED BY (year({time}), month({time}))")


def _create_one(
    cursor: "duckdb.DuckDBPyConnection", name: str, columns: list[tuple[str, str]]
) -> None:
    body = ", ".join(f"{rules.quoted(column)} {kind}" for column, kind in columns)
    cursor.execute(f"CREATE TABLE IF NOT EXISTS lake.{rules.quoted(name)} ({body})")


def _widen(
    cursor: "duckdb.DuckDBPyConnection", known: rules.TableInfo, wanted: rules.TableInfo
) -> None:
    for name in known.names:
        if known.lake_type(name) != wanted.lake_type(name):
            for table in (known.table, known.revisions):
                cursor.execute(
                    f"ALTER TABLE lake.{rules.quoted(table)} ALTER COLUMN {rules.quoted(name)}"
                    f" SET DATA TYPE {wanted.lake_type(name)}"
                )
    for name in wanted.names[len(known.names) :]:
        column = f"{rules.quoted(name)} {wanted.lake_type(name)}"
        for table in (known.table, known.revisions):
            cursor.execute(f"ALTER TABLE lake.{rules.quoted(table)} ADD COLUMN {column}")
