"""The hosts of a request as lines: one compact JSON object a line, as it stands in the request body.

    {"ip":"10.0.0.1","name":"kafka01"}

A block is such lines, each with its LF. No rule of the service lets a quote, a bracket or a line break into
a host, so with commas in place of the LFs a block is the list of hosts that is sent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

from importer import limits

BEGIN, BETWEEN, END = b'{"ip":"', b'","name":"', b'"}'
_HOST = re.compile(
    rb'\{"ip":"(%s)","name":"(%s)"\}'
    % tuple(pattern[2:-2].encode() for pattern in (limits.IPV4_PATTERN, limits.NAME_PATTERN))
)
LARGE = 1 << 17
"""Bytes of a block from which the kernel is worth loading numpy, which takes 70 ms."""


def host_block(hosts: Iterable[Mapping[str, str]]) -> bytes:
    """The lines of hosts that were checked, each with an `ip` and a `name` and nothing else."""
    lines = ['{"ip":"' + host["ip"] + '","name":"' + host["name"] + '"}\n' for host in hosts]
    return "".join(lines).encode("utf-8", "backslashreplace")


def hosts_of(block: bytes) -> tuple[str, int] | None:
    """What `identity.hosts_digest` makes of the distinct hosts of a block, and how many these are.

    None unless each line is a host that the service takes.
    """
    if len(block) < LARGE:
        return hosts_of_small(block)
    from importer.planning.host_columns import hosts_of_large

    return hosts_of_large(block)


def hosts_of_small(block: bytes) -> tuple[str, int] | None:
    """`hosts_of`, line by line: 1 us a host."""
    *lines, rest = block.split(b"\n")
    found = [_host(line) for line in lines]
    pairs = [b"%s %s\n" % match.groups() for match in found if match is not None]
    if rest or len(pairs) < len(lines):
        return None
    pairs = sorted(set(pairs))
    return hashlib.sha256(b"".join(pairs)).hexdigest(), len(pairs)


def first_fault(block: bytes) -> int:
    """The number, from 0, of the first line that is not a host that the service takes."""
    *lines, rest = block.split(b"\n")
    return next((number for number, line in enumerate(lines) if _host(line) is None), len(lines) - (not rest))


def first_repeat(block: bytes) -> int:
    """The number, from 0, of the first line of a block that is equal to an earlier one; there must be one."""
    seen: set[bytes] = set()
    for number, line in enumerate(block.split(b"\n")):
        if line in seen:
            return number
        seen.add(line)
    return 0


def _host(line: bytes) -> re.Match[bytes] | None:
    match = _HOST.fullmatch(line)
    return match if match is not None and len(match[2]) <= limits.MAX_NAME_CHARS else None
