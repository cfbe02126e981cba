"""Settings and data of other programs that resolve names: zones, CoreDNS, unbound, dnsmasq, RouterOS."""

from __future__ import annotations

import re
from collections.abc import Sequence

from importer.columns.forms import is_name
from importer.reading.foreign.lines import (
    ON_ONE_LINE,
    Kind,
    Lines,
    Recipe,
    holds_address,
    host_line,
    is_address,
    line_by_line,
    text_of,
    tokens_of,
)

# --- zones and other DNS servers ------------------------------------------------------------------

_ZONE_START = re.compile(rb"(?i)^\$(?:ORIGIN|TTL|INCLUDE|GENERATE)\b")
_ZONE_LINE = re.compile(
    rb"(?i)(?:\s(?:IN|CH)\s+(?:[0-9]+\s+)?(?:A|AAAA|SOA|NS|CNAME|MX|PTR|TXT|SRV)\s)"
    rb"|(?:^[^ \t0-9][^ \t]*[ \t]+(?:[0-9]+[ \t]+)?(?-i:A)[ \t]+[0-9]+\.)"
)
_NO_HOSTS = (b"SOA", b"NS")
"""Records of a zone that no host list needs."""


def _is_zone(file: Lines) -> bool:
    lines = [line for line in file.lines if not line.startswith(b";")]
    return any(map(_ZONE_START.match, lines)) or (
        bool(lines) and 2 * sum(map(bool, map(_ZONE_LINE.search, lines))) >= len(lines)
    )


def _zone_host(line: bytes) -> bytes | None:
    """The host of an A record whose name is whole; a name without a dot at its end lacks its domain."""
    tokens = line.split()
    if line.startswith(b";"):
        return b""
    if len(tokens) > 2 and tokens[-2] == b"A" and tokens[0].endswith(b"."):
        return host_line(tokens[-1], tokens[0][:-1])
    return b"" if any(kind in tokens[1:5] for kind in _NO_HOSTS) else None


_FROM_ZONE = Recipe(
    r"""awk 'NF > 2 && !/^[ \t]*[;#]/ {sub(/\r$/, ""); if ($(NF - 1) == "A") """
    r"""{sub(/\.$/, "", $1); print $NF, $1}}' FILE > NEW""",
    line_by_line(_zone_host),
    kept=lambda line: _zone_host(line) or b"",
)

_LOCAL_DATA = re.compile(rb'local-data:\s*"([^"]*)"')


def _unbound_host(line: bytes) -> bytes | None:
    found = _LOCAL_DATA.match(line)
    if found is None:
        return None if holds_address(line) and not line.startswith((b"local-data-ptr:", b"access-")) else b""
    tokens = found[1].split()
    if len(tokens) < 3 or tokens[-2] != b"A" or found[1] != found[1].strip():
        return None
    return host_line(tokens[-1], tokens[0].removesuffix(b"."))


_FROM_UNBOUND = Recipe(
    r"""awk -F'"' '/^[ \t]*local-data:/ {n = split($2, w, /[ \t]+/); sub(/\.$/, "", w[1]); """
    """print w[n], w[1]}' FILE > NEW""",
    line_by_line(_unbound_host),
    kept=lambda line: _unbound_host(line) or b"",
)

_DNSMASQ = (b"address=/", b"host-record=", b"dhcp-host=")


def _dnsmasq_hosts(start: bytes, mark: str) -> Recipe:
    def host(line: bytes) -> bytes | None:
        if not line.startswith(start):
            return None
        *names, address = line[len(start) :].split(mark.encode())
        if not names or not all(is_name(text_of(name)) for name in names):
            return None
        return b" ".join([address, *names])

    separators = "[=/]+" if mark == "/" else "[=,]"
    return Recipe(
        rf"""awk -F'{separators}' '{{sub(/\r$/, "")}} /^{start.decode().rstrip("=/")}=/ """
        """{printf "%s", $NF; for (i = 2; i < NF; i++) printf " %s", $i; print ""}' FILE > NEW""",
        line_by_line(host),
        kept=lambda line: line.partition(b"=")[2],
    )


_LEASE = re.compile(rb"[0-9]{1,12} (?:[0-9A-Fa-f]{2}-)?[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5} ")


def _lease_host(line: bytes) -> bytes | None:
    fields = line.split(b" ")
    return host_line(fields[2], fields[3]) if _LEASE.match(line) and len(fields) > 3 else None


_FROM_LEASES = Recipe(
    "awk '{print $3, $4}' FILE > NEW",
    line_by_line(_lease_host),
    kept=lambda line: b" ".join(line.split(b" ")[2:4]),
)

_ROUTER_LINE = re.compile(rb"^(?:/ip |/ipv6 |add (?:address|name|list)=|:(?:local|foreach|do) )")


def _router_host(line: bytes) -> bytes | None:
    tokens = line.split()
    named = {key: value for key, mark, value in (token.partition(b"=") for token in tokens) if mark}
    if not named:
        return None if holds_address(line) else b""
    if len(named) < len(tokens) - 1 or b"disabled" in named or not {b"address", b"name"} <= named.keys():
        return None
    return host_line(named[b"address"], named[b"name"])


_FROM_ROUTER = Recipe(
    r"""awk '!/^[ \t]*#/ {a = n = ""; sub(/\r$/, ""); for (i = 1; i <= NF; i++) """
    """{if ($i ~ /^address=/) a = substr($i, 9); if ($i ~ /^name=/) n = substr($i, 6)} """
    """if (a && n) print a, n}' FILE > NEW""",
    line_by_line(_router_host),
    kept=lambda line: _router_host(line) or b"",
)


# --- Corefile -------------------------------------------------------------------------------------

_COREDNS = frozenset((b"errors", b"forward", b"hosts", b"kubernetes", b"file", b"cache", b"health", b"log"))
_HOST_LINE = re.compile(rb"[0-9A-Fa-f:]+[.:][0-9A-Fa-f.:]+[ \t]")


def _is_corefile(file: Lines) -> bool:
    starts = [tokens[0] if tokens else b"" for tokens in file.tokens]
    if any(tokens[:1] == [b"hosts"] and tokens[-1] == b"{" for tokens in file.tokens):
        return True
    return file.lines[0].endswith(b"{") and not _COREDNS.isdisjoint(starts)


def _corefile_hosts(lines: Sequence[bytes]) -> list[bytes] | None:
    made, within = [], False
    for line in lines:
        tokens = tokens_of(line)
        if tokens[:1] == [b"hosts"] and tokens[-1] == b"{":
            within = True
        elif line == b"}":
            within = False
        elif _HOST_LINE.match(line):
            if not within:
                return None
            made.append(line)
        elif within and any(map(is_address, tokens)):
            return None
    return made


_FROM_COREFILE = Recipe(
    "grep -E '^[[:blank:]]*[0-9A-Fa-f:]+[.:][0-9A-Fa-f.:]+[[:blank:]]' FILE > NEW",
    _corefile_hosts,
    kept=lambda line: line if _HOST_LINE.match(line) else b"",
)


KINDS: tuple[Kind, ...] = (
    Kind(
        "looks like a Corefile of CoreDNS",
        f"take its hosts: {ON_ONE_LINE}",
        _is_corefile,
        (_FROM_COREFILE,),
    ),
    Kind(
        "looks like settings of unbound (local-data)",
        f"take its A records: {ON_ONE_LINE}",
        lambda file: any(line.startswith((b"local-data:", b"local-data-ptr:")) for line in file.lines),
        (_FROM_UNBOUND,),
    ),
    Kind(
        "looks like settings of dnsmasq",
        ON_ONE_LINE,
        lambda file: any(line.startswith(_DNSMASQ) for line in file.lines),
        (_dnsmasq_hosts(b"address=/", "/"), _dnsmasq_hosts(b"host-record=", ",")),
    ),
    Kind(
        "looks like the leases of dnsmasq",
        f"take address and name of each lease: {ON_ONE_LINE}",
        lambda file: file.half(map(_LEASE.match, file.lines)),
        (_FROM_LEASES,),
    ),
    Kind("looks like a DNS zone file", f"take its A records: {ON_ONE_LINE}", _is_zone, (_FROM_ZONE,)),
    Kind(
        "looks like a RouterOS script",
        ON_ONE_LINE,
        lambda file: file.half(map(_ROUTER_LINE.search, file.lines)),
        (_FROM_ROUTER,),
    ),
)
"""Looked for before hosts syntax: the lines may begin with addresses or numbers."""
