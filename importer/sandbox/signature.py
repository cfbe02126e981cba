"""AK/SK signatures, verified by the algorithm of the page "API Request Signing Guide" (SDK-HMAC-SHA256).

    canonical request = METHOD, path, query, header lines, names of signed headers, SHA-256 of the body
    string to sign    = SDK-HMAC-SHA256, X-Sdk-Date, SHA-256 of the canonical request
    signature         = HMAC-SHA256 of that with the secret key, in hexadecimal

Each part on a line of its own; the path ends in a slash, its segments and the sorted query are
percent-encoded.
"""

from __future__ import annotations

import calendar
import hashlib
import hmac
import re
import time
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

from importer.sandbox.answers import Refusal
from importer.sandbox.keys import Keys

ALGORITHM = "SDK-HMAC-SHA256"
MOST_SKEW = 15 * 60
"""Seconds between X-Sdk-Date and the gateway's clock: "15 minutes"."""

_AUTHORIZATION = re.compile(
    ALGORITHM + r" Access=([^\s,]+), ?SignedHeaders=([^\s,]+), ?Signature=([0-9a-f]{64})"
)
_DATE = re.compile(r"[0-9]{8}T[0-9]{6}Z")


class Received(NamedTuple):
    """A request as it came over the wire."""

    method: str
    raw_path: bytes
    query: bytes
    headers: Iterable[tuple[bytes, bytes]]
    """Names in lower case."""
    body: bytes


class Head(NamedTuple):
    """What stands in the header fields of a request: all of the signature but what it is of."""

    lines: dict[bytes, bytes]
    signed: list[bytes]
    signature: str
    date: str


def head_of(fields: Iterable[tuple[bytes, bytes]], keys: Keys, now: float) -> Head:
    """What can be said of a signature before the body has come. Raises Refusal (APIGW.0301)."""
    headers: dict[bytes, list[bytes]] = {}
    for name, value in fields:
        headers.setdefault(name, []).append(value.strip())
    lines = {name: b",".join(values) for name, values in headers.items()}
    given = _AUTHORIZATION.fullmatch(lines.get(b"authorization", b"").decode("latin-1"))
    if given is None:
        raise _wrong("the Authorization header is missing or malformed")
    access, names, signature = given.groups()
    signed = [name.encode("latin-1") for name in names.split(";")]
    if signed != sorted(set(signed)) or any(name not in lines for name in signed):
        raise _wrong("SignedHeaders must be headers of the request, sorted and in lower case")
    if not {b"host", b"x-sdk-date"} <= set(signed):
        raise _wrong("host and x-sdk-date must be signed")
    date = lines[b"x-sdk-date"].decode("latin-1")
    if abs(_seconds(date) - now) > MOST_SKEW:
        raise _wrong("x-sdk-date is more than 15 minutes away from the time of the service")
    if not hmac.compare_digest(access.encode("latin-1"), keys.access_key.encode()):
        raise _wrong(_FAIL)
    return Head(lines, signed, signature, date)


def verify(request: Received, keys: Keys, now: float) -> None:
    """Return where the signature is right; `now` in seconds since 1970. Raises Refusal (APIGW.0301)."""
    lines, signed, signature, date = head_of(request.headers, keys, now)
    digest = hashlib.sha256(request.body).hexdigest()
    if lines.get(b"x-sdk-content-sha256", digest.encode()) != digest.encode():
        raise _wrong("x-sdk-content-sha256 is not that of the body")
    canonical = b"\n".join(
        (
            request.method.encode(),
            _path(request.raw_path),
            _query(request.query),
            b"".join(name + b":" + lines[name] + b"\n" for name in signed),
            b";".join(signed),
            digest.encode(),
        )
    )
    text = f"{ALGORITHM}\n{date}\n{hashlib.sha256(canonical).hexdigest()}"
    right = hmac.new(keys.secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature, right):
        raise _wrong(_FAIL)


_FAIL = "verify aksk signature fail"


def _wrong(message: str) -> Refusal:
    return Refusal("APIGW.0301", f"Incorrect IAM authentication information: {message}")


def _seconds(date: str) -> float:
    """Seconds since 1970 of `YYYYMMDDTHHMMSSZ`; infinity for anything else."""
    try:
        if _DATE.fullmatch(date):
            return calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        pass
    return float("inf")


def _path(raw: bytes) -> bytes:
    path = "/".join(quote(segment, safe="~") for segment in unquote_to_bytes(raw).split(b"/"))
    return (path if path.endswith("/") else path + "/").encode()


def _query(raw: bytes) -> bytes:
    parts = (part.replace(b"+", b" ").partition(b"=") for part in raw.split(b"&") if part)
    pairs = sorted((unquote_to_bytes(key), unquote_to_bytes(value)) for key, _, value in parts)
    return "&".join(f"{quote(key, safe='~')}={quote(value, safe='~')}" for key, value in pairs).encode()
