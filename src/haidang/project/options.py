"""Typed readers of the environment. Every option of the platform is a row of OPTIONS."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class Option:
    """One setting: its environment name, how it is read, its default and its help."""

    name: str
    read: Callable[[str], Any]
    default: str
    help: str


class OptionError(SystemExit):
    """An option cannot be read; the message says how to set it."""


def flag(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("ghi 1 hoặc 0")


def whole(text: str) -> int:
    if not text.strip().isdecimal():
        raise ValueError("ghi một số nguyên không âm")
    return int(text)


def port(text: str) -> int:
    if not text.strip().isdecimal() or int(text) > 65_535:
        raise ValueError("ghi một số từ 0 đến 65535")
    return int(text)


def path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def words(text: str) -> list[str]:
    return [word for word in text.replace(",", " ").split() if word]


def wholes(text: str) -> list[int]:
    return [whole(word) for word in words(text)]


def folders(text: str) -> list[Path]:
    return [path(one) for one in text.split(os.pathsep) if one.strip()]


def mail_server(text: str) -> dict[str, Any]:
    """Return Django's mail settings for smtp://, smtp+tls:// or smtps://; empty for no server."""
    if not text:
        return {}
    try:
        parts = urlsplit(text)
        host, number = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"smtp", "smtp+tls", "smtps"}:
        raise ValueError("ghi smtp://tài_khoản:mật_khẩu@máy_chủ:cổng")
    is_tls = parts.scheme == "smtps"
    return {
        "EMAIL_HOST": host,
        "EMAIL_PORT": number or (465 if is_tls else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": is_tls,
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
    }


OPTIONS: tuple[Option, ...] = (
    Option("HAIDANG_DATA_DIR", path, "var/data", "Folder of database, lake, journal and files."),
    Option(
        "HAIDANG_DATABASE_URL",
        str,
        "",
        "postgresql://… of an outside server (15 or newer); empty: the embedded server.",
    ),
    Option(
        "HAIDANG_LAKE_URL",
        str,
        "",
        "Folder of the lake's files, or s3://bucket/folder; empty: inside the data folder.",
    ),
    Option(
        "HAIDANG_S3_ENDPOINT",
        str,
        "",
        "Address of the S3-compatible storage of an s3:// lake, such as https://s3.tinh.gov.vn;"
        " empty: Amazon's.",
    ),
    Option("HAIDANG_S3_REGION", str, "us-east-1", "Region that requests to S3 are signed for."),
    Option("HAIDANG_S3_KEY_ID", str, "", "Access key of the bucket: to list, read, write, delete."),
    Option("HAIDANG_S3_SECRET", str, "", "Secret of HAIDANG_S3_KEY_ID; better as a file."),
    Option("HAIDANG_LAKE_MEMORY_MB", whole, "512", "Memory of each process for the lake, in MiB."),
    Option("HAIDANG_LAKE_THREADS", whole, "2", "Threads of each process for the lake."),
    Option("HAIDANG_LAKE_KEEP_HOURS", whole, "48", "Hours that replaced files and snapshots stay."),
    Option("HAIDANG_REMOVALS_COPY", str, "", "Folder elsewhere with a copy of the tombstones."),
    Option("HAIDANG_LAKE_CURSORS", whole, "8", "Queries of the lake at once in each process."),
    Option("HAIDANG_LAKE_BLOCKS_MB", whole, "256", "Readings kept in memory, in MiB; 0: none."),
    Option("HAIDANG_PIPELINE_SECONDS", whole, "900", "Longest one statement of a pipeline runs."),
    Option(
        "HAIDANG_SPARK_MASTER",
        str,
        "local[2]",
        "Spark that `--engine spark` and pipelines ask: local[2], spark://host:7077, yarn, k8s://…",
    ),
    Option(
        "HAIDANG_SPARK_SETTINGS",
        words,
        "",
        "Settings of Spark as name=value, parted by spaces, such as spark.executor.memory=8g.",
    ),
    Option(
        "HAIDANG_OPENLINEAGE_URL",
        str,
        "",
        "Where OpenLineage events of loads and pipelines are posted, such as"
        " https://host/api/v1/lineage; the host must stand in HAIDANG_OUTSIDE_ADDRESSES."
        " Empty: none.",
    ),
    Option("HAIDANG_HOST", str, "127.0.0.1", "Address that web listens on."),
    Option("HAIDANG_PORT", port, "8000", "Port of pages and API."),
    Option("HAIDANG_MQTT_HOST", str, "127.0.0.1", "Address that MQTT listens on."),
    Option("HAIDANG_MQTT_PORT", port, "1883", "Port of MQTT 3.1.1; 0 turns it off."),
    Option("HAIDANG_READINGS_HOST", str, "127.0.0.1", "Address of HAIDANG_READINGS_PORT."),
    Option("HAIDANG_READINGS_PORT", port, "0", "Port of intake's own HTTP for readings; 0: none."),
    Option("HAIDANG_SECRET_KEY", str, "", "Signs sessions; empty: made once in the data folder."),
    Option("HAIDANG_ALLOWED_HOSTS", words, "127.0.0.1 localhost [::1]", "Names pages answer to."),
    Option("HAIDANG_DEBUG", flag, "0", "Shows details of errors to developers."),
    Option("HAIDANG_DEMO", flag, "0", "Shows the demo's accounts on the sign-in page."),
    Option("HAIDANG_MAX_UPLOAD_MB", whole, "256", "Largest file that an upload may bring, in MiB."),
    Option(
        "HAIDANG_SMTP_URL",
        mail_server,
        "",
        "smtp://user:secret@host:port of outgoing mail (smtp+tls:// with STARTTLS, smtps:// with"
        " TLS); empty: kept in the data folder.",
    ),
    Option(
        "HAIDANG_PUBLIC_URL",
        str,
        "",
        "Address under which people reach the platform, for links in mail; empty: host and port.",
    ),
    Option(
        "HAIDANG_OUTSIDE_ADDRESSES",
        words,
        "",
        "Addresses that connections to sources may reach: host, host:port, *.domain, IP or CIDR,"
        " parted by spaces; private and loopback addresses only where an IP or CIDR inside their"
        " range is listed. Empty: none.",
    ),
    Option(
        "HAIDANG_WATCHED_FOLDERS",
        folders,
        "",
        "Folders below which connections may watch for files, parted by colons. Empty: none.",
    ),
    Option(
        "HAIDANG_REMINDER_MARKS",
        wholes,
        "3 6",
        "Reminders in a year from which a unit's leaders, then its head, answer for it.",
    ),
    Option("HAIDANG_MAIL_FROM", str, "ioc@localhost", "Sender of outgoing mail."),
)
_BY_NAME = {option.name: option for option in OPTIONS}


def read(name: str) -> Any:
    """Return the value of an option, from NAME, or from the file that NAME_FILE points to.

    Raises OptionError with a sentence that says how to set it.
    """
    option = _BY_NAME[name]
    raw = os.environ.get(name)
    if raw is None and (file := os.environ.get(f"{name}_FILE")):
        raw = _from_file(f"{name}_FILE", file)
    try:
        return option.read(option.default if raw is None else raw)
    except ValueError as error:
        shown = _without_password(raw or "")
        raise OptionError(f"haidang: Không đọc được {name}={shown!r}: {error}.") from error


def _without_password(value: str) -> str:
    return re.sub(r"(://[^:/@]*:).*@", r"\1…@", value)


def _from_file(name: str, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(
            f"haidang: {name}={file!r}: {_file_said(error)} "
            f"Sửa {name}, hoặc đặt thẳng {name.removesuffix('_FILE')}."
        ) from error


def _file_said(error: OSError | UnicodeDecodeError) -> str:
    match error:
        case FileNotFoundError():
            return "không có tệp này."
        case PermissionError():
            return "không có quyền đọc tệp này."
        case UnicodeDecodeError():
            return "tệp không phải văn bản UTF-8."
    return f"không đọc được tệp này ({error.strerror})."


def reference() -> str:
    """Return docs/reference/settings.md: every option with its default and help."""
    lines = [
        "# Settings",
        "",
        "Environment variables; `NAME_FILE` names a file that holds the value.",
        "This page is written by `python -m haidang.project.options > docs/reference/settings.md`.",
        "",
        "| name | default | what it does |",
        "|---|---|---|",
    ]
    for option in OPTIONS:
        default = f"`{option.default}`" if option.default else "(empty)"
        lines.append(f"| `{option.name}` | {default} | {option.help} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(reference())
