"""How to reach servers: through which proxy, verified by which authorities.

Taken from options and from the environment's usual names, once and in sight: the HTTP library's own look
at the environment is off, since it would also take credentials from there.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from importer.calling.credentials import CA_VARIABLES
from importer.calling.endpoints import is_loopback
from importer.calling.transport import Network
from importer.errors import UsageError
from importer.system import note_read


def network_settings(
    servers: Iterable[str], *, environ: Mapping[str, str], proxy: str = "", ca_bundle: str = ""
) -> Network:
    """Proxies for these servers (checked origins), and the authorities to verify them by. Raises UsageError.

    Options go first; then HTTPS_PROXY and ALL_PROXY with NO_PROXY (in either case, lower case first, as
    curl has it), and REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, SSL_CERT_FILE, OS_CACERT. A server on this
    machine is reached without a proxy. Proxies are told by origin: other servers are never called.
    """
    origin, url, skipped = _proxy(environ, proxy)
    proxies = {}
    for server in servers:
        if url and not is_loopback(server) and not _bypassed(server, skipped):
            parts = urlsplit(server)
            proxies[f"{parts.scheme}://{parts.hostname}"] = _checked_proxy(url, origin)
    return Network(proxies, _authorities(environ, ca_bundle))


def _proxy(environ: Mapping[str, str], option: str) -> tuple[str, str, str]:
    """What names the proxy, its URL, and the hosts that go without; an option goes for all hosts."""
    if option:
        if "@" in option:
            raise UsageError(
                "--proxy names a user, and options can be seen by others",
                hint="set HTTPS_PROXY for a proxy with a password",
            )
        return "--proxy", option, ""
    names = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
    name = next((name for name in names if environ.get(name)), "")
    return name, environ.get(name, ""), environ.get("no_proxy") or environ.get("NO_PROXY", "")


def _bypassed(server: str, skipped: str) -> bool:
    """Whether NO_PROXY names a server: `*`, a host, or a domain with all below it, maybe with a port."""
    parts = urlsplit(server)
    host = parts.hostname or ""
    for entry in skipped.lower().replace(",", " ").split():
        name, _, port = entry.removeprefix("*").lstrip(".").partition(":")
        if entry == "*" or (
            name and (host == name or host.endswith("." + name)) and port in ("", str(parts.port or 443))
        ):
            return True
    return False


def _checked_proxy(url: str, origin: str) -> str:
    """The proxy's URL. Raises UsageError, without the URL: it may hold a password."""
    whole = url if "://" in url else "http://" + url
    if whole.lower().startswith("socks"):
        raise UsageError(f"{origin} is a SOCKS proxy, which is not supported", hint="name an HTTP proxy")
    try:
        parts = urlsplit(whole)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or not whole.isascii() or not whole.isprintable() or " " in whole:
        raise UsageError(f"{origin} is not the URL of a proxy", hint=_FORM)
    before_host = whole.partition("://")[2].rpartition("@")[0]
    if any(sign in before_host for sign in "#/?@[]"):
        raise UsageError(f"{origin} has a user or a password that cannot be told from the host", hint=_FORM)
    return whole


_FORM = (
    "write it as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT; in a user and a password "
    "the signs # / ? @ : % are percent-encoded: %23 is a #, %2F a /"
)


def _authorities(environ: Mapping[str, str], option: str) -> str | bool:
    """A file or folder of certificates, or True for the usual ones. Raises UsageError if it holds none."""
    names = [name for name in CA_VARIABLES if environ.get(name)]
    path, origin = (option, "--ca-bundle") if option else (environ[names[0]], names[0]) if names else ("", "")
    if not path:
        return True
    note_read(path)
    if not Path(path).is_dir():
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
        except (OSError, ValueError) as error:
            raise UsageError(
                f"{origin} has no certificates: {getattr(error, 'strerror', None) or 'no such name'}",
                hint="name a file with certificates in PEM form",
            ) from None
    return path
