"""The one door to addresses outside: every connector reaches its other side through here.

Only what HAIDANG_OUTSIDE_ADDRESSES lists may be reached. A name is resolved once; the address
that was checked is the one that is connected to, so that a name that changes its address between
the check and the connection gains nothing. Private, loopback, link-local and other special
addresses are refused unless an IP or network inside the same special range is listed; the
metadata address of clouds needs to be listed itself.
"""

import ipaddress
import socket
from dataclasses import dataclass

from django.conf import settings

from haidang.data.ingest.errors import ConnectorError, RefusedAddressError

CONNECT_SECONDS = 15.0
IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_METADATA = frozenset(map(ipaddress.ip_address, ("169.254.169.254", "fd00:ec2::254")))
# Beside what `is_global` knows: addresses that carry another address inside them.
_CARRIERS = tuple(
    map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
)


@dataclass(frozen=True)
class Endpoint:
    """A checked address: connect to `ip`, speak to `host` (for TLS and the Host header)."""

    host: str
    port: int
    ip: str

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class _Listed:
    """One entry of the allow-list: a name or a network, and a port (None: any)."""

    name: str
    network: Network | None
    port: int | None

    def allows_name(self, host: str, port: int) -> bool:
        if self.network is not None or self.port not in (None, port):
            return False
        if self.name.startswith("*."):
            return host.endswith(self.name[1:]) and len(host) > len(self.name) - 1
        return host == self.name

    def allows_ip(self, ip: IP, port: int) -> bool:
        if self.network is None or self.port not in (None, port):
            return False
        if ip.version != self.network.version or ip not in self.network:
            return False
        if ip in _METADATA:
            return self.network.num_addresses == 1
        return not is_special(ip) or _is_inside_special(self.network)


def resolve(host: str, port: int) -> Endpoint:
    """Return the checked address of a host.

    Raises RefusedAddressError, and ConnectorError for a name that nobody knows.
    """
    name = host.strip().rstrip(".").lower()
    listed = [_entry(text) for text in settings.OUTSIDE_ADDRESSES]
    is_named = any(one.allows_name(name, port) for one in listed)
    found = _addresses(name, port) if is_named or listed else []
    for ip in found:
        by_ip = any(one.allows_ip(ip, port) for one in listed)
        if by_ip or (is_named and not is_special(ip)):
            return Endpoint(name, port, str(ip))
    raise RefusedAddressError(_refusal(name, port, is_named=is_named))


def connect(endpoint: Endpoint, seconds: float = CONNECT_SECONDS) -> socket.socket:
    """Return a connected socket whose every wait is bounded. Raises ConnectorError."""
    try:
        return socket.create_connection((endpoint.ip, endpoint.port), min(seconds, CONNECT_SECONDS))
    except OSError as error:
        raise ConnectorError(
            f"Không kết nối được tới {endpoint}: {said(error)} Kiểm tra máy chủ của nguồn có đang "
            "chạy và tường lửa có cho phép không."
        ) from error


def said(error: OSError) -> str:
    """Say in a sentence why a connection failed."""
    match error:
        case ConnectionRefusedError():
            return "máy chủ từ chối kết nối."
        case TimeoutError():
            return "quá thời gian chờ."
        case ConnectionResetError() | BrokenPipeError():
            return "máy chủ ngắt giữa chừng."
    return "mạng không tới được máy chủ."


def is_special(ip: IP) -> bool:
    """Say whether an address is not one of the open internet, or carries one that may not be."""
    return not ip.is_global or ip.is_multicast or any(_in(ip, one) for one in _CARRIERS)


def _in(ip: IP, network: Network) -> bool:
    return ip.version == network.version and ip in network


def _is_inside_special(network: Network) -> bool:
    """Say whether a listed network lies wholly in special ranges: "0.0.0.0/0" does not."""
    is_narrow = network.prefixlen >= (8 if network.version == 4 else 7)
    return is_narrow and is_special(network[0]) and is_special(network[-1])


def _addresses(host: str, port: int) -> list[IP]:
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ConnectorError(
            f"Không tìm thấy máy chủ “{host}”. Kiểm tra lại tên máy chủ."
        ) from error
    return list(dict.fromkeys(_plain(str(one[4][0])) for one in found))


def _plain(text: str) -> IP:
    """Return an address; one of IPv4 that is written as IPv6 as what it is."""
    ip = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    return mapped or ip


def _entry(text: str) -> _Listed:
    """Read "host", "host:port", "*.host", "1.2.3.4:80", "10.0.0.0/8", "[::1]:80"."""
    said = text.strip().lower()
    name, port = said, ""
    if said.startswith("[") and "]" in said:
        name, _, port = said[1:].partition("]")
        port = port.removeprefix(":")
    elif said.count(":") == 1:
        name, _, port = said.partition(":")
    try:
        network = ipaddress.ip_network(name, strict=False)
    except ValueError:
        network = None
    return _Listed(name, network, int(port) if port.isdigit() else None)


def _refusal(host: str, port: int, *, is_named: bool) -> str:
    if is_named:
        return (
            f"Tên “{host}” trỏ tới một địa chỉ nội bộ không được phép. Quản trị hệ thống cần thêm "
            "địa chỉ IP hoặc dải mạng đó vào HAIDANG_OUTSIDE_ADDRESSES."
        )
    return (
        f"Địa chỉ {host}:{port} chưa có trong danh sách được phép kết nối. Quản trị hệ thống cần "
        "thêm vào HAIDANG_OUTSIDE_ADDRESSES."
    )
