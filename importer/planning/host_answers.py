"""Answers of the service with many hosts, read without making an object of each host.

A list of hosts that stands in an answer as this program writes them, compact JSON, is taken out of it whole
and judged as columns; only the rest is read as JSON. Any other list is read as JSON is. A property test holds
both ways equal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from importer.planning.host_lines import BEGIN, LARGE, hosts_of

_LIST = b'"hosts":['
_INSTEAD = b"NaN"
"""It is put in place of a list of hosts: no value of JSON, but `json.loads` reports it where it is met."""


class HostsThere(NamedTuple):
    """Hosts of a connection as the service tells them."""

    lines: bytes
    """See `host_lines`."""
    digest: str
    """What `hosts_of` makes of the lines."""
    number: int
    """Of distinct ones."""

    def mappings(self) -> list[Mapping[str, str]]:
        """Each host by itself."""
        found: list[Mapping[str, str]] = json.loads(b"[%b]" % self.lines.replace(b"\n", b",")[:-1])
        return found


def read_answer(body: bytes) -> Any:
    """`json.loads`, but a large list of hosts is `HostsThere`. Raises ValueError, RecursionError."""
    if len(body) < LARGE or _INSTEAD in body or b"Infinity" in body:
        return json.loads(body)
    found: list[HostsThere] = []
    rest = b"".join(_without_hosts(body, found))
    if not found:
        return json.loads(body)
    # Inside of a string each quote has a backslash before it, so what was taken out is a value; and values
    # are met in the order in which they stand.
    following = iter(found)
    return json.loads(rest, parse_constant=lambda _: next(following))


def _without_hosts(body: bytes, found: list[HostsThere]) -> Iterator[bytes]:
    """The answer with something else in place of each large list of hosts; these are added to `found`."""
    at = kept = 0
    while (begin := body.find(_LIST + BEGIN, at)) >= 0:
        begin += len(_LIST)
        end = at = body.find(b"]", begin)
        if end < 0:
            break
        if end - begin < LARGE:
            continue
        lines = body[begin:end].replace(b"},{", b"}\n{") + b"\n"
        if (hosts := hosts_of(lines)) is not None:
            found.append(HostsThere(lines, *hosts))
            yield body[kept : begin - 1]
            yield _INSTEAD
            kept = end + 1
    yield body[kept:]
