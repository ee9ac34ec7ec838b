"""Whether a bucket keeps what is deleted: the one question that the library of files cannot ask."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection

_SIGNED = "host;x-amz-content-sha256;x-amz-date"
_STATUS = re.compile(rb"<Status>\s*(Enabled|Suspended)\s*</Status>")
_SECONDS = 10


@dataclass(frozen=True)
class Account:
    """Where requests go and how they are signed; the secret is not for printing."""

    host: str
    is_tls: bool
    region: str
    key_id: str
    secret: str

    def __repr__(self) -> str:
        return f"Account({self.host})"


def are_kept(account: Account, bucket: str) -> bool:
    """Tell whether the bucket keeps, or has kept, old versions. Raises OSError.

    A server that does not know the question, or does not let us ask it, is taken to keep none.
    """
    kind = HTTPSConnection if account.is_tls else HTTPConnection
    connection = kind(account.host, timeout=_SECONDS)
    try:
        headers = signed(account, "GET", f"/{bucket}", "versioning=")
        connection.request("GET", f"/{bucket}?versioning=", headers=headers)
        answer = connection.getresponse()
        return answer.status == 200 and bool(_STATUS.search(answer.read()))
    except HTTPException as error:
        raise OSError(f"HTTP: {error}") from error
    finally:
        connection.close()


def signed(
    account: Account, method: str, path: str, query: str, body: bytes = b""
) -> dict[str, str]:
    """Return a request's headers with its signature (AWS Signature Version 4)."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    place = f"{moment[:8]}/{account.region}/s3/aws4_request"
    digest = hashlib.sha256(body).hexdigest()
    own = {"host": account.host, "x-amz-content-sha256": digest, "x-amz-date": moment}
    listed = "".join(f"{name}:{value}\n" for name, value in own.items())
    request = f"{method}\n{path}\n{query}\n{listed}\n{_SIGNED}\n{digest}"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{place}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{account.secret}".encode()
    for part in place.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    said = f"Credential={account.key_id}/{place}, SignedHeaders={_SIGNED}, Signature={signature}"
    return own | {"authorization": f"AWS4-HMAC-SHA256 {said}"}
