"""Which servers credentials may be sent to: the service's own, those a user allows, this machine.

Region ids and host names are those of the official SDK (`DliRegion`); which regions are under
`myhuaweicloud.eu` is the Terraform provider's rule. The environment names are the SDK's.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

from importer.errors import UsageError
from importer.language import said
from importer.shown import shown

REGIONS = frozenset(
    {
        *("ae-ad-1", "af-north-1", "af-south-1"),
        *("ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4"),
        *("cn-east-2", "cn-east-3", "cn-east-4", "cn-east-5"),
        *("cn-north-1", "cn-north-2", "cn-north-4", "cn-north-9", "cn-south-1", "cn-southwest-2"),
        *("eu-west-0", "eu-west-101", "la-north-2", "la-south-2", "me-east-1", "my-kualalumpur-1"),
        *("na-mexico-1", "ru-moscow-1", "ru-northwest-2", "sa-brazil-1", "tr-west-1"),
    }
)
"""Where the service runs."""

Service = Literal["dli", "iam"]
DOMAINS = ("myhuaweicloud.com", "myhuaweicloud.eu")
IAM_VARIABLE = "HUAWEICLOUD_SDK_IAM_ENDPOINT"

_URL = re.compile(r"\A(https?)://(\[::1\]|[a-z0-9.-]{1,253})(?::([1-9][0-9]{0,4}))?/?\Z", re.ASCII)
_ALLOWED = re.compile(r"\A([a-z0-9.-]{1,253})(?::([1-9][0-9]{0,4}))?\Z", re.ASCII)
_LABEL = re.compile(r"\A[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z", re.ASCII)
_ADDRESS = re.compile(r"\A[1-9][0-9]{0,2}(?:\.(?:0|[1-9][0-9]{0,2})){3}\Z", re.ASCII)
_QUAD = re.compile(r"\A127(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}\Z", re.ASCII)
_PROJECT = re.compile(r"\A[0-9A-Za-z_-]{1,64}\Z", re.ASCII)
_SHOWN = 60
_HTTPS_PORT = 443
_FAULTS = {
    "\\": "holds a backslash",
    "@": "names a user",
    "?": "has a query",
    "#": "has a fragment",
    "%": "is percent-encoded",
}
"""What makes programs differ over the host that a URL names, or means nothing in an endpoint."""


class _Place(NamedTuple):
    """A server: what a URL says beyond its path."""

    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """`https://host`, with the port only where it is not the usual one."""
        usual = _HTTPS_PORT if self.scheme == "https" else 80
        return f"{self.scheme}://{self.host}" + ("" if self.port == usual else f":{self.port}")


def service_endpoint(region: str, environ: Mapping[str, str]) -> str:
    """Where DLI is in a region: HUAWEICLOUD_SDK_REGION_DLI_<REGION> (the first, if several), else by rule."""
    variable = "HUAWEICLOUD_SDK_REGION_DLI_" + region.replace("-", "_").upper()
    return environ.get(variable, "").split(",")[0].strip() or _by_rule("dli", region)


def iam_endpoint(region: str) -> str:
    """Where a region's IAM is: beside its DLI. No region falls back to another one's, or to China's."""
    return _by_rule("iam", region)


def _by_rule(service: Service, region: str) -> str:
    domain = DOMAINS[1] if region.startswith("eu-west-1") else DOMAINS[0]
    return f"https://{service}.{region}.{domain}"


def region_of(origin: str) -> str:
    """The region that has this endpoint by the rule; empty for other servers."""
    return next((region for region in REGIONS if _by_rule("dli", region) == origin), "")


def is_loopback(origin: str) -> bool:
    """Whether a checked endpoint is on this machine: `localhost`, 127.0.0.0/8, [::1]."""
    match = _URL.match(origin)
    return match is not None and _local(match[2])


def _local(host: str) -> bool:
    return host in ("localhost", "[::1]") or _QUAD.match(host) is not None


def checked_endpoint(url: str, *, service: Service, allowed: Collection[str] = ()) -> str:
    """The origin `scheme://host[:port]` of an endpoint that credentials may be sent to, in lower case.

    `allowed` are further servers, `HOST[:PORT]` each, where a host may be an IPv4 address, as it is in a
    cloud of one's own. An endpoint of IAM may end in `/v3`, as other tools want it. Raises UsageError for
    every other server, and for a URL over whose host two programs could differ.
    """
    if service == "iam" and url.endswith(("/v3", "/v3/")) and "//v3" not in url:
        url = url.removesuffix("/").removesuffix("/v3")
    place = _place(url)
    if _local(place.host):
        return place.origin
    if place.scheme != "https":
        raise UsageError(
            said("endpoint {url} is not https", url=_quoted(url)), hint="http is for this machine only"
        )
    if (place.host, place.port) in {_allowed(entry) for entry in allowed}:
        return place.origin
    if _ADDRESS.match(place.host):
        raise UsageError(
            said("endpoint {url} is an IP address", url=_quoted(url)),
            hint=said(
                "--allow-endpoint {host}{place} with --ca-bundle FILE, if that is your cloud",
                host=place.host,
                place=_port(place),
            ),
        )
    if place.port != _HTTPS_PORT:
        raise UsageError(
            said("endpoint {url} has a port other than 443", url=_quoted(url)),
            hint=said(
                "--allow-endpoint {host}{place}, if credentials may be sent there",
                host=place.host,
                place=_port(place),
            ),
        )
    if place.origin not in {_by_rule(service, region) for region in REGIONS}:
        raise UsageError(
            said("endpoint {url} is not known as {upper}", url=_quoted(url), upper=service.upper()),
            hint=_hint(place.host),
        )
    return place.origin


def _port(place: _Place) -> str:
    return "" if place.port == _HTTPS_PORT else f":{place.port}"


def _place(url: str) -> _Place:
    """What a URL says, if it says it beyond doubt. Raises UsageError."""
    fault = next((fault for char, fault in _FAULTS.items() if char in url), "")
    if not url.isascii() or not url.isprintable() or " " in url:
        fault = "holds a blank, a control character or one beyond ASCII"
    if fault:
        raise UsageError(said("endpoint {url} {fault}", url=_quoted(url), fault=fault), hint=_FORM)
    match = _URL.match(url.lower())
    if match is None:
        raise UsageError(said("endpoint {url} is not of the form https://HOST", url=_quoted(url)), hint=_FORM)
    scheme, host, digits = match.groups()
    port = int(digits) if digits else _HTTPS_PORT if scheme == "https" else 80
    _check_host(host, port, said("endpoint {url}", url=_quoted(url)))
    return _Place(scheme, host, port)


_FORM = "write it as https://dli.REGION.myhuaweicloud.com"


def _check_host(host: str, port: int, what: str) -> None:
    """Raises UsageError unless this is a plain host name, or this machine, and a port."""
    if port > 65535:
        raise UsageError(said("{what} has a port beyond 65535", what=what), hint=_FORM)
    if _local(host):
        return
    labels = host.split(".")
    if labels[-1] == "":
        raise UsageError(said("{what} ends in a dot", what=what), hint=_FORM)
    if any(label.startswith("xn--") for label in labels):
        raise UsageError(
            said("{what} is a name in punycode, which may look like another", what=what), hint=_FORM
        )
    if not all(map(_LABEL.match, labels)) or len(labels) < 2:
        raise UsageError(said("{what} is not a full host name", what=what), hint=_FORM)
    # What C's inet_aton takes for an address ends in a number, 0x7f too.
    if not labels[-1].isalpha() and not _is_address(host):
        raise UsageError(
            said("{what} is an IP address, or ends like one", what=what),
            hint="name the host, or write the address as four decimal numbers",
        )


def _is_address(host: str) -> bool:
    """Whether a host is an IPv4 address in the one form that all programs read alike."""
    return _ADDRESS.match(host) is not None and all(int(part) < 256 for part in host.split("."))


def _allowed(entry: str) -> tuple[str, int]:
    """Host and port of an `--allow-endpoint`. Raises UsageError."""
    match = _ALLOWED.match(entry.lower())
    if match is None or not entry.isascii():
        raise UsageError(
            said("--allow-endpoint {entry} is no host", entry=_quoted(entry)),
            hint="write it as HOST or HOST:PORT, nothing else",
        )
    host, port = match[1], int(match[2] or _HTTPS_PORT)
    _check_host(host, port, f"--allow-endpoint {_quoted(entry)}")
    return host, port


def _hint(host: str) -> str:
    if host.endswith(tuple(f".{domain}" for domain in DOMAINS)):
        return said(
            "{value}; --allow-endpoint {host}, if it is right",
            value=near_regions(host.split(".")[1]),
            host=host,
        )
    return "the service's hosts are dli.REGION.myhuaweicloud.com; --allow-endpoint HOST is for others"


def _quoted(url: str) -> str:
    """As `shown`, without what may be a secret: all before an @, all behind a question mark or a hash."""
    url = re.split("[?#]", url, maxsplit=1)[0] if "@" not in url else "***@" + url.rpartition("@")[2]
    return shown(url, _SHOWN)


def checked_region(region: str) -> str:
    """A region id: lower-case letters, digits and single hyphens, at most 64. Raises UsageError."""
    parts = region.split("-")
    if not (
        region.isascii() and region == region.lower() and len(region) <= 64 and len(parts) > 1
    ) or not all(part.isalnum() for part in parts):
        raise UsageError(
            said("region {region} is not a region id", region=shown(region, _SHOWN)),
            hint=near_regions(region),
        )
    return region


def near_regions(region: str) -> str:
    """A hint that names the region ids closest to a word, or examples."""
    close = difflib.get_close_matches(region.lower()[:64], sorted(REGIONS), n=3, cutoff=0.6)
    return "did you mean " + ", ".join(close) if close else "region ids look like cn-north-4 or eu-west-101"


def checked_project_id(project_id: str) -> str:
    """A project id, which becomes a part of URLs: 32 hexadecimal digits in the cloud. Raises UsageError."""
    if _PROJECT.match(project_id) is None:
        raise UsageError(
            said("project id {project_id} is not a project id", project_id=shown(project_id, _SHOWN)),
            hint="it is the 32 hexadecimal digits on the console's page My Credentials",
        )
    return project_id
