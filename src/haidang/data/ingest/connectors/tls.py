"""TLS with the other side: its certificate is always checked, and under the host's own name."""

import socket
import ssl

from haidang.data.ingest.connectors.outside import Endpoint
from haidang.data.ingest.errors import ConnectorError

_WHY = {
    9: "chưa đến ngày có hiệu lực",
    10: "đã hết hạn",
    18: "máy chủ tự cấp cho mình",
    19: "do cơ quan cấp không được tin cậy",
    20: "do cơ quan cấp không được tin cậy",
    62: "cấp cho tên máy chủ khác",
    64: "cấp cho địa chỉ khác",
}


def context(issuer: str = "") -> ssl.SSLContext:
    """Return what checks a certificate: issued by whom the system trusts, or by `issuer` (PEM)
    alone where one is given. Raises ValueError for what is no certificate."""
    try:
        return ssl.create_default_context(cadata=issuer or None)
    except (ssl.SSLError, TypeError) as error:
        raise ValueError(str(error)) from error


def secured(raw: socket.socket, endpoint: Endpoint, issuer: str = "") -> ssl.SSLSocket:
    """Shake hands over a connected socket. Raises ConnectorError."""
    try:
        return context(issuer).wrap_socket(raw, server_hostname=endpoint.host)
    except ssl.SSLCertVerificationError as error:
        raise ConnectorError(refusal(str(endpoint), error)) from error
    except OSError as error:
        raise ConnectorError(f"Không bắt tay TLS được với {endpoint}.") from error


def refusal(where: str, error: ssl.SSLCertVerificationError) -> str:
    """Say in a sentence why a certificate is not taken, and what to do."""
    why = _WHY.get(error.verify_code, error.verify_message)
    return (
        f"Chứng thư số của {where} không hợp lệ: {why}. Không gửi tài khoản hay dữ liệu nào. Liên "
        "hệ đơn vị quản lý máy chủ để thay chứng thư."
    )
