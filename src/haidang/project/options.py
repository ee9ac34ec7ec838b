"""Typed readers of the environment. Every option of the platform is a row of OPTIONS."""

import os
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
    raise ValueError("write 1 or 0")


def port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65_535:
        raise ValueError("write a number from 0 to 65535")
    return number


def path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def words(text: str) -> list[str]:
    return [word for word in text.replace(",", " ").split() if word]


def mail_server(text: str) -> dict[str, Any]:
    """Return Django's mail settings for smtp://, smtp+tls:// or smtps://; empty for no server."""
    if not text:
        return {}
    parts = urlsplit(text)
    if parts.scheme not in {"smtp", "smtp+tls", "smtps"} or not parts.hostname:
        raise ValueError("write smtp://user:secret@host:port")
    is_tls = parts.scheme == "smtps"
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if is_tls else 587),
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
        "HAIDANG_LAKE_URL", str, "", "Folder or s3:// of the lake; empty: inside the data folder."
    ),
    Option("HAIDANG_LAKE_MEMORY_MB", int, "512", "Memory of each process for the lake, in MiB."),
    Option("HAIDANG_LAKE_THREADS", int, "2", "Threads of each process for the lake."),
    Option("HAIDANG_LAKE_KEEP_HOURS", int, "48", "Hours that replaced files and snapshots stay."),
    Option("HAIDANG_LAKE_CURSORS", int, "8", "Queries of the lake at once in each process."),
    Option("HAIDANG_HOST", str, "127.0.0.1", "Address that web listens on."),
    Option("HAIDANG_PORT", port, "8000", "Port of pages and API."),
    Option("HAIDANG_MQTT_HOST", str, "127.0.0.1", "Address that MQTT listens on."),
    Option("HAIDANG_MQTT_PORT", port, "1883", "Port of MQTT 3.1.1; 0 turns it off."),
    Option("HAIDANG_SECRET_KEY", str, "", "Signs sessions; empty: made once in the data folder."),
    Option("HAIDANG_ALLOWED_HOSTS", words, "127.0.0.1 localhost [::1]", "Names pages answer to."),
    Option("HAIDANG_DEBUG", flag, "0", "Shows details of errors to developers."),
    Option("HAIDANG_DEMO", flag, "0", "Shows the demo's accounts on the sign-in page."),
    Option("HAIDANG_MAX_UPLOAD_MB", int, "256", "Largest file that an upload may bring, in MiB."),
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
        raise OptionError(f"{name}={raw!r} cannot be read: {error}. {option.help}") from error


def _from_file(name: str, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "not UTF-8"
        raise OptionError(f"{name}={file!r} cannot be read: {said}.") from error


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
