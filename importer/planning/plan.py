"""What is to be sent: the requests, byte for byte, in one file that a person can read and compare.

The file is JSON Lines, so that a diff of two plans shows the hosts that changed:

    {"format": "dli-hosts plan", "schema_version": 2, "tool": {"name": "dli-hosts", "version": "..."}}
    {"name": "mrs", "sources": ["mrs-etc-hosts"], ..., "body": {"name": "mrs", ..., "hosts": [], ...}}
    {"ip":"10.0.0.1","name":"kafka01"}
    {"ip":"10.0.0.2","name":"kafka02"}
    {"requests": 1, "digest": "..."}

After the record of a request, one line for each of its hosts, as it stands in the request body. The place of
the hosts in the body is the empty list there; a body without `hosts` is sent without. The digest is SHA-256
over all bytes before the last line.

A file is written without knowing how many requests there will be. How it is read, and what is refused, is in
`plan_reading`.

All of it is ASCII: any other character is a JSON escape, so that a name of a file or a tag cannot change how
the file looks. What is sent is the compact body in UTF-8; the SHA-256 of each request is that of these bytes.
It holds no secret and no address of a service: where it is sent is said when it is sent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from importer.errors import ConnectionInvalid
from importer.planning.host_lines import host_block, hosts_of
from importer.planning.identity import Existing, Identity, host_lines, hosts_apart, identity_of_body
from importer.planning.updates import Update
from importer.system import atomic_file, open_regular
from importer.version import __version__

FORMAT = "dli-hosts plan"
VERSION = 2


@dataclass(frozen=True)
class PlannedRequest:
    """One connection to create, or to update."""

    name: str
    frame: Mapping[str, Any]
    """The request as an object, but with an empty list in place of its hosts."""
    hosts: bytes
    """Its hosts as lines, see `host_lines`; empty if there are none."""
    identity: Identity
    """What an existing connection must be to be this one. It is computed when the request is planned, for
    with 20,000 hosts it takes about as long as a create call, and nothing should wait for it then."""
    sources: tuple[str, ...] = ()
    """Where its hosts were read, as the user named it."""
    totals: Mapping[str, int] | None = None
    """The balance of its list; None if it has none."""
    update: Update | None = None
    """That the connection may be there already, and is then to have these hosts."""

    @property
    def content(self) -> bytes:
        """Body of the create call exactly as it is sent: compact JSON in UTF-8."""
        return b"".join(self._parts())

    def _parts(self) -> Iterator[bytes]:
        before = b"{"
        for key, value in self.frame.items():
            yield before + _compact(key) + b":"
            if key == "hosts":
                yield from (b"[", self.hosts.replace(b"\n", b",")[:-1], b"]")
            else:
                yield _compact(value)
            before = b","
        yield b"}"

    @property
    def body(self) -> dict[str, Any]:
        """The request as an object."""
        data: dict[str, Any] = json.loads(self.content)
        return data

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content."""
        total = hashlib.sha256()
        for part in self._parts():
            total.update(part)
        return total.hexdigest()

    def differences(self, existing: Existing) -> str:
        """What differs in an existing connection, in words; empty if it is the same."""
        return ", ".join(self.aim(existing).differences(existing.identity))

    def aim(self, existing: Existing) -> Identity:
        """What the connection must be; an update leaves alone what it does not name."""
        aim, there = self.identity, existing.identity
        if self.update is not None and not (aim.pools or aim.queues):
            aim = replace(aim, pools=there.pools, queues=there.queues)
        if self.update is not None and "hosts" not in self.frame:
            aim = replace(aim, hosts=there.hosts, count=there.count)
        return aim

    def apart(self, existing: Existing) -> str:
        """The first hosts that differ there, `; ` before them; empty if the hosts are the same."""
        if self.aim(existing).hosts == existing.identity.hosts:
            return ""
        return f"; {hosts_apart(host_lines(self.body.get('hosts') or ()), existing.hosts)}"


@dataclass(frozen=True)
class Plan:
    """Requests in the order in which they are sent."""

    requests: tuple[PlannedRequest, ...]
    version: str = __version__
    """Of the program that made the plan."""
    known_digest: str = field(default="", compare=False)
    """The digest, where it is known because the plan was read from a file."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the plan file without its last line."""
        if self.known_digest:
            return self.known_digest
        total = hashlib.sha256()
        for part in _before_end(self.requests, self.version):
            total.update(part)
        return total.hexdigest()


def plan_request(
    body: Mapping[str, Any], sources: Iterable[str] = (), totals: Mapping[str, int] | None = None
) -> PlannedRequest:
    """Plan to send this body, as `CreateRequest` gives it. Raises ConnectionInvalid for any other host."""
    hosts = body.get("hosts")
    block = host_block(hosts or ())
    found = hosts_of(block)
    if found is None:
        raise ConnectionInvalid(
            f"{body['name']}: a host was not checked", hint="this should not happen, please report it"
        )
    return planned_request(
        body if hosts is None else {**body, "hosts": []}, block, found, tuple(sources), totals
    )


def planned_request(
    frame: Mapping[str, Any],
    block: bytes,
    found: tuple[str, int],
    sources: tuple[str, ...],
    totals: Mapping[str, int] | None,
) -> PlannedRequest:
    """A request whose hosts are a block of which `hosts_of` found this."""
    digest, count = found
    identity = replace(identity_of_body(frame), hosts=digest, count=count)
    return PlannedRequest(str(frame["name"]), frame, block, identity, sources, totals)


def _compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def plan_lines(plan: Plan) -> Iterator[str]:
    """The plan file."""
    return (part.decode("ascii") for part in _parts(plan.requests, plan.version))


def write_plan(plan: Plan, path: str) -> None:
    """Write the plan file, whole or not at all, for its owner alone. Raises UsageError."""
    write_requests(plan.requests, path, plan.version)


def write_requests(requests: Iterable[PlannedRequest], path: str, version: str = __version__) -> None:
    """`write_plan` for requests that are made one by one: no more than one of them is held."""
    with atomic_file(Path(path), private=True) as file:
        for part in _parts(requests, version):
            file.write(part)


def _parts(requests: Iterable[PlannedRequest], version: str) -> Iterator[bytes]:
    """The file in parts: its first line, which is not counted, each request, and its last line."""
    total, count = hashlib.sha256(), -1
    for part in _before_end(requests, version):
        total.update(part)
        count += 1
        yield part
    yield footer_line(count, total.hexdigest())


def _before_end(requests: Iterable[PlannedRequest], version: str) -> Iterator[bytes]:
    yield header_line(version)
    for request in requests:
        yield record_line(request) + request.hosts


def header_line(version: str) -> bytes:
    """The first line of a plan that this version of the program made."""
    tool = {"name": "dli-hosts", "version": version}
    return _line({"format": FORMAT, "schema_version": VERSION, "tool": tool})


def record_line(request: PlannedRequest) -> bytes:
    """The line of a request, its hosts apart."""
    update = request.update
    planned = {"update": update.as_record()} if update is not None and update.is_planned else {}
    return _line(
        {
            "name": request.name,
            **planned,
            "sources": request.sources,
            "totals": request.totals,
            "sha256": request.digest,
            "hosts_count": request.identity.count,
            "hosts_sha256": request.identity.hosts,
            "hosts_bytes": len(request.hosts),
            "body": request.frame,
        }
    )


def footer_line(count: int, digest: str) -> bytes:
    """The last line of a plan."""
    return _line({"requests": count, "digest": digest})


def _line(record: Mapping[str, Any]) -> bytes:
    # JSON lets DEL stand as it is, the one control character that is ASCII and not escaped.
    return json.dumps(record, allow_nan=False).replace("\x7f", "\\u007f").encode("ascii") + b"\n"


def looks_like_plan(path: str) -> bool:
    """Whether a file is, or was, a plan: JSON that says so near its beginning; False if it cannot be read."""
    try:
        with open_regular(path) as file:
            head = file.read(400)
            return head.lstrip().startswith(b"{") and f'"{FORMAT}'.encode() in head
    except OSError:
        return False
