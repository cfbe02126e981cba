"""Signatures by access key and secret key: SDK-HMAC-SHA256, as the service's own SDK makes them.

Source: API Gateway's page "Signing API Requests" and the official SDK, against whose signer this one is
tested. The signature covers method, path, query, every header (but those with an underscore in their
name) and body, so sign the exact bytes that are sent, and again for each attempt: it is valid for 15 minutes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, unquote, urlsplit

_LABEL = "SDK-HMAC-SHA256"
_UNSIGNED = "UNSIGNED-PAYLOAD"
_SIGNED_BODIES = ("application/json", "application/bson")
"""The SDK signs the body of these content types only, and of requests without one."""


def sign(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    access_key: str,
    secret_key: str,
    when: datetime,
) -> dict[str, str]:
    """The headers to add to a request: `X-Sdk-Date`, `Host`, `Authorization`.

    `X-Sdk-Content-Sha256` joins them for a body that is not JSON. `url` is whole, its path and query
    percent-encoded; `headers` are all others that are sent; `when` knows its time zone.
    """
    parts = urlsplit(url)
    stamp = when.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    added = {"X-Sdk-Date": stamp, "Host": parts.netloc.rpartition("@")[2]}
    if not (headers.get("Content-Type") or _SIGNED_BODIES[0]).startswith(_SIGNED_BODIES):
        added["X-Sdk-Content-Sha256"] = _UNSIGNED
    signed = sorted(
        (name.lower(), value.strip()) for name, value in {**headers, **added}.items() if "_" not in name
    )
    names = ";".join(name for name, _ in signed)
    canonical = "\n".join(
        (
            method.upper(),
            _canonical_path(parts.path),
            _canonical_query(parts.query),
            *(f"{name}:{value}" for name, value in signed),
            "",
            names,
            _body_hash(body, dict(signed)),
        )
    )
    text = f"{_LABEL}\n{stamp}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()
    added["Authorization"] = f"{_LABEL} Access={access_key}, SignedHeaders={names}, Signature={signature}"
    return added


def _canonical_path(path: str) -> str:
    """Each segment percent-encoded, `~` left alone, a slash at the end whether there was one or not."""
    encoded = "/".join(quote(segment, safe="~") for segment in unquote(path).split("/"))
    return encoded if encoded.endswith("/") else encoded + "/"


def _canonical_query(query: str) -> str:
    """`key=value` pairs, sorted by key and then by value before they are encoded."""
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{quote(key, safe='~')}={quote(value, safe='~')}" for key, value in pairs)


def _body_hash(body: bytes, headers: Mapping[str, str]) -> str:
    """The hash of the bytes; where there are any, a hash that a header states goes before it."""
    stated = headers.get("x-sdk-content-sha256") if body else None
    return stated or hashlib.sha256(body).hexdigest()
