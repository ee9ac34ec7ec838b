"""Each engine's own way of a read-only session with rows that come a few at a time."""

import contextlib
import ssl
from collections.abc import Iterator, Sequence
from typing import Any

from haidang.data.ingest.connectors import outside
from haidang.data.ingest.connectors.protocol import Room, Settings
from haidang.data.ingest.connectors.sql.settings import PORTS
from haidang.data.ingest.errors import ConnectorError

AT_ONCE = 2000
Rows = tuple[list[str], Iterator[Sequence[Any]]]


@contextlib.contextmanager
def reading(settings: Settings, sql: str, after: Any, room: Room) -> Iterator[Rows]:
    """Give the columns and rows of a statement; `after` is its one parameter, or None.

    Raises ConnectorError with what the server said.
    """
    port = settings["port"] or PORTS[settings["engine"]]
    endpoint = outside.resolve(settings["host"], port)
    with _ENGINES[settings["engine"]](settings, endpoint, sql, after, room) as rows:
        yield rows


@contextlib.contextmanager
def _postgresql(
    settings: Settings, endpoint: outside.Endpoint, sql: str, after: Any, room: Room
) -> Iterator[Rows]:
    import psycopg

    milliseconds, is_strict = int(room.seconds * 1000), settings["encryption"] == "verify"
    try:
        with psycopg.connect(
            host=endpoint.host,
            hostaddr=endpoint.ip,
            port=endpoint.port,
            dbname=settings["database"],
            user=settings["user"],
            password=settings.get("password") or "",
            passfile="/dev/null",
            sslmode="verify-full" if is_strict else "prefer",
            sslrootcert="system" if is_strict else "",
            gssencmode="disable",
            connect_timeout=int(outside.CONNECT_SECONDS),
            application_name="haidang",
            options=f"-c default_transaction_read_only=on -c statement_timeout={milliseconds}",
        ) as opened:
            opened.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            opened.read_only = True
            with opened.cursor(name="haidang") as cursor:
                cursor.itersize = AT_ONCE
                cursor.execute(*_bound(sql, after))
                columns = [one.name for one in cursor.description or ()]
                yield columns, iter(cursor)
    except psycopg.OperationalError as error:
        raise ConnectorError(_refused(endpoint, _first_line(error))) from error
    except psycopg.Error as error:
        raise ConnectorError(f"Máy chủ báo: {_first_line(error)}") from error


@contextlib.contextmanager
def _mysql(
    settings: Settings, endpoint: outside.Endpoint, sql: str, after: Any, room: Room
) -> Iterator[Rows]:
    import pymysql
    from pymysql.cursors import SSCursor

    strict = settings["encryption"] == "verify"
    opened = pymysql.connections.Connection(
        host=endpoint.host,
        port=endpoint.port,
        user=settings["user"],
        password=(settings.get("password") or "").encode(),  # text would become Latin-1
        database=settings["database"],
        charset="utf8mb4",
        read_timeout=min(room.seconds, 120),
        write_timeout=30,
        local_infile=False,
        ssl=ssl.create_default_context() if strict else None,
        cursorclass=SSCursor,
        defer_connect=True,
    )
    try:
        opened.connect(outside.connect(endpoint, room.seconds))
        with opened.cursor() as begun:
            begun.execute("SET SESSION TRANSACTION READ ONLY")
            begun.execute("START TRANSACTION READ ONLY")
        with opened.cursor() as cursor:
            cursor.execute(*_bound(sql, after))
            columns = [str(one[0]) for one in cursor.description or ()]
            yield columns, iter(cursor.fetchone, None)
    except pymysql.err.OperationalError as error:
        raise ConnectorError(_refused(endpoint, _first_line(error))) from error
    except pymysql.MySQLError as error:
        raise ConnectorError(f"Máy chủ báo: {_first_line(error)}") from error
    finally:
        with contextlib.suppress(pymysql.MySQLError, OSError):
            opened._force_close()  # a polite end would read the rows that are left


@contextlib.contextmanager
def _oracle(
    settings: Settings, endpoint: outside.Endpoint, sql: str, after: Any, room: Room
) -> Iterator[Rows]:
    oracledb = _library("oracledb")
    try:
        with oracledb.connect(
            user=settings["user"],
            password=settings.get("password") or "",
            host=endpoint.ip,
            port=endpoint.port,
            service_name=settings["database"],
            protocol="tcps" if settings["encryption"] == "verify" else "tcp",
            ssl_server_dn_match=True,
            ssl_server_cert_dn=None,
            tcp_connect_timeout=outside.CONNECT_SECONDS,
        ) as opened:
            opened.call_timeout = int(room.seconds * 1000)
            with opened.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
                cursor.arraysize = AT_ONCE
                cursor.execute(sql, {} if after is None else {"after": after})
                yield [str(one[0]) for one in cursor.description or ()], iter(cursor)
    except oracledb.Error as error:
        raise ConnectorError(_refused(endpoint, _first_line(error))) from error


@contextlib.contextmanager
def _sqlserver(
    settings: Settings, endpoint: outside.Endpoint, sql: str, after: Any, room: Room
) -> Iterator[Rows]:
    pytds = _library("pytds")
    strict = settings["encryption"] == "verify"
    try:
        with pytds.connect(
            dsn=endpoint.ip,
            port=endpoint.port,
            database=settings["database"],
            user=settings["user"],
            password=settings.get("password") or "",
            login_timeout=outside.CONNECT_SECONDS,
            timeout=min(room.seconds, 120),
            readonly=True,
            validate_host=strict,
            cafile=ssl.get_default_verify_paths().cafile if strict else None,
            autocommit=False,
        ) as opened:
            with opened.cursor() as cursor:
                cursor.execute(*_bound(sql, after))
                yield [str(one[0]) for one in cursor.description or ()], iter(cursor)
            opened.rollback()
    except pytds.Error as error:
        raise ConnectorError(_refused(endpoint, _first_line(error))) from error


_ENGINES = {
    "postgresql": _postgresql,
    "mysql": _mysql,
    "oracle": _oracle,
    "sqlserver": _sqlserver,
}


def _library(name: str) -> Any:
    """Return the driver of an engine that not every province has."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = {"pytds": "python-tds"}.get(name, name)
        raise ConnectorError(
            f"Máy chủ chưa cài thư viện {package}. Quản trị hệ thống cài rồi thử lại."
        ) from error


def _bound(sql: str, after: Any) -> tuple[str, dict[str, Any] | None]:
    """Return the statement with its parameter as drivers write it; without one "%" is a sign."""
    if after is None:
        return sql, None
    return sql.replace("%", "%%").replace(":after", "%(after)s"), {"after": after}


def _first_line(error: Exception) -> str:
    said = str(error.args[-1] if error.args else error).strip()
    return (said.splitlines() or ["lỗi không rõ"])[0][:300]


def _refused(endpoint: outside.Endpoint, said: str) -> str:
    return (
        f"Không đọc được từ {endpoint}. Kiểm tra máy chủ, tài khoản, tên cơ sở dữ liệu và quyền "
        f"đọc. Máy chủ báo: {said}"
    )
