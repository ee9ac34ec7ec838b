"""What connectors that ask over HTTP share: an address, a key, and whole answers."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from haidang.data.ingest.connectors import web
from haidang.data.ingest.connectors.protocol import Field, Room, Settings
from haidang.data.ingest.errors import ConnectorError, SettingsError

ADDRESS_HELP = "Bắt đầu bằng http:// hoặc https://; quản trị phải cho phép địa chỉ này."


def key_field(label: str = "Khóa truy cập") -> Field:
    return Field("key", label, "secret", help="Để trống khi máy chủ mở cho mọi người.")


def check_address(settings: Settings) -> None:
    """Raise SettingsError for an address that cannot be asked."""
    try:
        web.parts(str(settings["url"]))
    except ConnectorError as error:
        raise SettingsError({"url": error.message}) from error


def ask(
    url: str, settings: Settings, room: Room, *, accept: str, header: str = "Authorization",
    prefix: str = "", name: str = "reply", **given: Any,
) -> web.Reply:  # fmt: skip
    """Ask an address, with the key of the settings in a header. Raises ConnectorError."""
    secret = {header: prefix + str(settings["key"])} if settings.get("key") else {}
    asked = f"{url}{'&' if '?' in url else '?'}{urlencode(given)}" if given else url
    return web.fetch(web.Request(asked, {"Accept": accept}, secret), room, name)


def document(path: Path) -> Any:
    """Return a JSON document as it may be looked into. Raises UnreadableFileError."""
    return web.as_json(path)
