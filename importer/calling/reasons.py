"""Why there was no connection, in words: what a person can do about it differs from cause to cause.

Told by the kind of the exceptions, and of their texts by numbers alone: a proxy could write anything.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from requests.exceptions import ProxyError
from urllib3.exceptions import NameResolutionError

from importer.calling.calls import Phase
from importer.language import said

_TUNNEL = "Tunnel connection failed: "
_UNKNOWN = "is by an authority that is not known here (--ca-bundle FILE names more)"
_OTHER_NAME = "is for another name (check the endpoint)"
_FAULTS = {
    9: "is not valid yet (check the clock)",
    10: "has expired (check the clock)",
    62: _OTHER_NAME,
    64: _OTHER_NAME,
}
"""By OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID, CERT_HAS_EXPIRED, HOSTNAME_MISMATCH, IP_ADDRESS_MISMATCH."""


def reason_of(error: BaseException) -> tuple[Phase, str]:
    """The phase and the reason of a call for which there was no connection."""
    chain = list(_chain(error))
    if status := next(filter(None, map(_tunnel_status, chain)), ""):
        return _of_proxy(status)
    of_proxy = any(isinstance(one, ProxyError) for one in chain)
    who = "the proxy" if of_proxy else "the server"
    for one in chain:
        if isinstance(one, NameResolutionError | socket.gaierror):
            return Phase.CONNECT, said("{who} cannot be reached: no such host", who=who)
        if isinstance(one, ssl.SSLCertVerificationError):
            return Phase.TLS, said(
                "TLS: the server's certificate {verify_code}",
                verify_code=_FAULTS.get(one.verify_code, _UNKNOWN),
            )
        if isinstance(one, ConnectionRefusedError):
            return Phase.CONNECT, said("{who} cannot be reached: connection refused", who=who)
    return Phase.CONNECT, said("{who} cannot be reached", who=who)


def _of_proxy(status: str) -> tuple[Phase, str]:
    if status == "407":
        return Phase.TLS, "the proxy asks for a user and a password (407); set them in HTTPS_PROXY"
    if status in ("401", "403"):
        return (
            Phase.TLS,
            said("the proxy does not let this server through ({status}); ask who runs it", status=status),
        )
    return Phase.CONNECT, said("the proxy cannot reach the server ({status})", status=status)


def _tunnel_status(error: BaseException) -> str:
    """The status with which a proxy refused a tunnel; empty if this is something else."""
    text = str(error) if isinstance(error, OSError) else ""
    status = text.partition(_TUNNEL)[2][:3]
    return status if len(status) == 3 and status.isascii() and status.isdecimal() else ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that it wraps, each once."""
    waiting, seen = [error], set()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        further = [one.__cause__, one.__context__, getattr(one, "reason", None), *getattr(one, "args", ())]
        waiting += [other for other in further if isinstance(other, BaseException)]
