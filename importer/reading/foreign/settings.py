"""Texts that hold hosts in the form of another program: inventories, zones, pages, settings, leases.

They are looked for before hosts syntax, as many of their lines may be lines of hosts syntax too. Nothing of
them is ever shown: an inventory holds passwords.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from importer.columns.forms import is_address_like, is_ipv4, is_name
from importer.reading.foreign.lines import (
    Kind,
    Lines,
    Recipe,
    is_address,
    line_by_line,
    text_of,
    tokens_of,
)

_RECORDS_HINT = "write each address and its names on one line"


def _host(address: bytes, name: bytes) -> bytes | None:
    """A line of hosts syntax, None where these are not an address and a name."""
    return address + b" " + name if is_ipv4(text_of(address)) and is_name(text_of(name)) else None


# --- inventories ----------------------------------------------------------------------------------

_INVENTORY_HINT = (
    "write each address and its names on one line, or say --from csv if it is a table; "
    "ansible-inventory --list shows the hosts of an inventory"
)
_ASSIGNMENT = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*=")
_GROUP = re.compile(rb"\[[^\]]*\]")
_ANSIBLE_HOST = b"ansible_host="


def _is_group(line: bytes) -> bool:
    """Whether a line is `[group]`, and not an IPv6 address in brackets."""
    return (
        line.startswith(b"[")
        and _GROUP.fullmatch(line) is not None
        and not is_address_like(text_of(line[1:-1]))
    )


def _has_assignment(tokens: list[bytes]) -> bool:
    """Whether a `key=value` stands behind the first token."""
    return any(_ASSIGNMENT.match(token) for token in tokens[1:])


def _is_inventory(file: Lines) -> bool:
    # a token that ends in a delimiter is a cell of a table, which may hold a key=value too
    return file.half(
        _has_assignment(tokens) and not tokens[0].endswith((b",", b";", b"|")) for tokens in file.tokens
    )


def _inventory_host(line: bytes) -> bytes | None:
    tokens = tokens_of(line)
    if not tokens or _is_group(line):
        return b""
    if len(tokens) == 1 and _ASSIGNMENT.match(tokens[0]) and not _holds_address(line):
        return b""  # of a [group:vars]
    addresses = [token for token in tokens[1:] if token.startswith(_ANSIBLE_HOST)]
    return _host(addresses[0][len(_ANSIBLE_HOST) :], tokens[0]) if len(addresses) == 1 else None


def _holds_address(line: bytes) -> bool:
    return re.search(rb"[0-9]\.[0-9]+\.", line) is not None


_FROM_INVENTORY = Recipe(
    r"sed -nE 's/(^|[[:blank:]])[#;].*//; "
    r"s/^[[:blank:]]*([^[:space:]]+).*[[:blank:]]ansible_host=([0-9.]+).*/\2 \1/p' FILE > NEW",
    line_by_line(_inventory_host),
    kept=lambda line: _inventory_host(line) or b"",
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
    return any(map(_ZONE_START.match, file.lines)) or file.half(map(_ZONE_LINE.search, file.lines))


def _zone_host(line: bytes) -> bytes | None:
    """The host of an A record whose name is whole; a name without a dot at its end lacks its domain."""
    tokens = line.split()
    if line.startswith(b";"):
        return b""
    if len(tokens) > 2 and tokens[-2] == b"A" and tokens[0].endswith(b"."):
        return _host(tokens[-1], tokens[0][:-1])
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
        return None if _holds_address(line) and not line.startswith((b"local-data-ptr:", b"access-")) else b""
    tokens = found[1].split()
    if len(tokens) < 3 or tokens[-2] != b"A" or found[1] != found[1].strip():
        return None
    return _host(tokens[-1], tokens[0].removesuffix(b"."))


_FROM_UNBOUND = Recipe(
    r"""awk -F'"' '/^[ \t]*local-data:/ {n = split($2, w, /[ \t]+/); sub(/\.$/, "", w[1]); """
    """print w[n], w[1]}' FILE > NEW""",
    line_by_line(_unbound_host),
    kept=lambda line: _unbound_host(line) or b"",
)

_DNSMASQ = (b"address=/", b"host-record=", b"dhcp-host=", b"server=/", b"ptr-record=", b"cname=")


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
    return _host(fields[2], fields[3]) if _LEASE.match(line) and len(fields) > 3 else None


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
        return None if _holds_address(line) else b""
    if len(named) < len(tokens) - 1 or b"disabled" in named or not {b"address", b"name"} <= named.keys():
        return None
    return _host(named[b"address"], named[b"name"])


_FROM_ROUTER = Recipe(
    r"""awk '!/^[ \t]*#/ {a = n = ""; sub(/\r$/, ""); for (i = 1; i <= NF; i++) """
    """{if ($i ~ /^address=/) a = substr($i, 9); if ($i ~ /^name=/) n = substr($i, 6)} """
    """if (a && n) print a, n}' FILE > NEW""",
    line_by_line(_router_host),
    kept=lambda line: _router_host(line) or b"",
)


# --- Corefile -------------------------------------------------------------------------------------

_ZONE_BLOCK = re.compile(rb"[A-Za-z0-9.*-]*(?::[0-9]{1,5})?(?: [A-Za-z0-9.*:-]+)* ?\{")
_COREDNS = frozenset((b"errors", b"forward", b"hosts", b"kubernetes", b"file", b"cache", b"health", b"log"))
_HOST_LINE = re.compile(rb"[0-9A-Fa-f:]+[.:][0-9A-Fa-f.:]+[ \t]")


def _is_corefile(file: Lines) -> bool:
    starts = [tokens[0] if tokens else b"" for tokens in file.tokens]
    if any(tokens[:1] == [b"hosts"] and tokens[-1] == b"{" for tokens in file.tokens):
        return True
    return _ZONE_BLOCK.fullmatch(file.lines[0]) is not None and not _COREDNS.isdisjoint(starts)


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


# --- JSON, pages and YAML -------------------------------------------------------------------------------


def _is_object(line: bytes) -> bool:
    """Whether a line begins like a JSON object, and not like a mark of a template."""
    return line.startswith(b"{") and not line.startswith((b"{{", b"{%", b"{#"))


_HTML = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table", b"<meta", b"<div")
_EXCEL_PAGE = (b"<table", b"office:excel", b"Excel.Sheet", b"office:spreadsheet")
_SAVE_PAGE = "open it with a spreadsheet program, and save the table as .xlsx or as CSV UTF-8"
_GET_THE_LIST = "download the list itself, as text or CSV: this is a page, perhaps about an error"


def _is_markup(file: Lines) -> bool:
    first = file.lines[0]
    return first.startswith(b"<") and len(first) > 1 and (first[1:2].isalpha() or first[1:2] in b"!?")


def _says_markup(file: Lines) -> str:
    if _has_table(file):
        return f"looks like {_markup(file)} with a table, which some programs save under the name .xls"
    return f"looks like {_markup(file)}"


def _what_to_do_with_markup(file: Lines) -> str:
    if _has_table(file):
        return _SAVE_PAGE
    return _GET_THE_LIST if _markup(file) == "HTML" else f"export it as CSV, or {_RECORDS_HINT}"


def _markup(file: Lines) -> str:
    return "HTML" if any(line.lower().startswith(_HTML) for line in file.lines[:5]) else "XML"


def _has_table(file: Lines) -> bool:
    return any(mark in line for line in file.lines for mark in _EXCEL_PAGE)


_YAML_LINE = re.compile(rb"(?:- )?[A-Za-z_][A-Za-z0-9_./-]*:(?: |$)|- ")
_KUBERNETES = (b"hostAliases:", b"apiVersion:")


def _is_kubernetes(file: Lines) -> bool:
    return any(line.startswith(_KUBERNETES) for line in file.lines)


def _is_yaml(file: Lines) -> bool:
    return file.lines[0] == b"---" or file.half(map(_YAML_LINE.match, file.lines))


def _alias_hosts(lines: Sequence[bytes]) -> list[bytes] | None:
    """The hosts under `hostAliases`, where each address stands above its names, and each on its own line."""
    made: list[bytes] = []
    address = b""
    for line in lines:
        tokens = [token.strip(b"\"'") for token in tokens_of(line)]
        if tokens[:2] == [b"-", b"ip:"] and len(tokens) == 3:
            address = tokens[2]
        elif tokens[:1] == [b"-"]:
            host = _host(address, tokens[1]) if len(tokens) == 2 else None
            if host is None:
                return None
            made.append(host)
        elif len(tokens) != 1 or not tokens[0].endswith(b":"):
            return None
        elif address and tokens != [b"hostnames:"]:
            return None  # what follows the aliases may have items too
    return made


_FROM_ALIASES = Recipe(
    """awk '{gsub(/["\\047\\r]/, "")} $1 == "-" && $2 == "ip:" {ip = $3; next} """
    """$1 == "-" {print ip, $2}' FILE > NEW""",
    _alias_hosts,
    kept=lambda line: line.lstrip(b"- ").removeprefix(b"ip:") if line.startswith(b"-") else b"",
)


KINDS: tuple[Kind, ...] = (
    Kind(
        "is a plan",
        "dli-hosts submit {source} sends it",
        lambda file: b'"format": "dli-hosts plan",' in file.lines[:2],
    ),
    Kind(
        "is a jobs file",
        "dli-hosts plan {source} checks all its lists",
        lambda file: b"[[connection]]" in file.lines,
    ),
    Kind(
        "looks like JSON",
        "turn it into lines first, for example with jq -r '.hosts[] | \"\\(.ip) \\(.name)\"'",
        lambda file: file.begin(b"[{", b'["') or file.lines[0] == b"[" or _is_object(file.lines[0]),
    ),
    Kind(_says_markup, _what_to_do_with_markup, _is_markup),
    Kind(
        "looks like a mail or a saved page (.mht)",
        "open it in a browser or mail program, and save the list as text",
        lambda file: any(line.lower().startswith(b"mime-version:") for line in file.lines),
    ),
    Kind(
        "looks like a Corefile of CoreDNS",
        f"take its hosts: {_RECORDS_HINT}",
        _is_corefile,
        (_FROM_COREFILE,),
    ),
    Kind(
        "looks like YAML for Kubernetes (hostAliases)",
        f"take its addresses and hostnames: {_RECORDS_HINT}",
        _is_kubernetes,
        (_FROM_ALIASES,),
    ),
    Kind(
        "looks like settings of unbound (local-data)",
        f"take its A records: {_RECORDS_HINT}",
        lambda file: any(line.startswith((b"local-data:", b"local-data-ptr:")) for line in file.lines),
        (_FROM_UNBOUND,),
    ),
    Kind(
        "looks like settings of dnsmasq",
        _RECORDS_HINT,
        lambda file: file.half(line.startswith(_DNSMASQ) for line in file.lines),
        (_dnsmasq_hosts(b"address=/", "/"), _dnsmasq_hosts(b"host-record=", ",")),
    ),
    Kind(
        "looks like the leases of dnsmasq",
        f"take address and name of each lease: {_RECORDS_HINT}",
        lambda file: file.half(map(_LEASE.match, file.lines)),
        (_FROM_LEASES,),
    ),
    Kind("looks like a DNS zone file", f"take its A records: {_RECORDS_HINT}", _is_zone, (_FROM_ZONE,)),
    Kind(
        "looks like a RouterOS script",
        _RECORDS_HINT,
        lambda file: file.half(map(_ROUTER_LINE.search, file.lines)),
        (_FROM_ROUTER,),
    ),
    Kind(
        "looks like an Ansible inventory: it has [group] lines",
        _INVENTORY_HINT,
        lambda file: any(map(_is_group, file.lines)),
        (_FROM_INVENTORY,),
    ),
    Kind(
        "looks like an Ansible inventory: it has key=value words",
        _INVENTORY_HINT,
        _is_inventory,
        (_FROM_INVENTORY,),
    ),
)
"""Looked for before hosts syntax."""

LATE: tuple[Kind, ...] = (
    Kind(
        "looks like YAML",
        f"take its addresses and names: {_RECORDS_HINT}",
        _is_yaml,
    ),
)
"""Looked for where neither hosts syntax nor columns were found."""
