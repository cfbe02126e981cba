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
from typing import Any, Protocol

from importer.errors import ConnectionInvalid, PlanError
from importer.language import said
from importer.planning.host_lines import host_block, hosts_of
from importer.planning.identity import Existing, Identity, host_lines, hosts_apart, identity_of_body
from importer.planning.updates import Update, pools_apart
from importer.shown import json_safe, shown
from importer.system import atomic_file, open_regular
from importer.version import __version__

FORMAT = "dli-hosts plan"
VERSION = 2


class HostSource(Protocol):
    """Where the lines of a request's hosts are kept."""

    @property
    def size(self) -> int:
        """Number of bytes."""

    def read(self) -> bytes:
        """The lines."""


class PlanSource(Protocol):
    """Where the bytes of a plan file are kept."""

    def parts(self) -> Iterator[bytes]:
        """All of them, part by part."""


class InMemory:
    """Lines that are at hand."""

    def __init__(self, lines: bytes) -> None:
        self._lines = lines
        self.size = len(lines)

    def read(self) -> bytes:
        """The lines."""
        return self._lines


@dataclass(frozen=True)
class PlannedRequest:
    """One connection to create, or to update. Its hosts may be kept in a file; all else of it is small."""

    name: str
    frame: Mapping[str, Any]
    """The request as an object, but with an empty list in place of its hosts."""
    kept: HostSource = field(compare=False)
    """Its hosts as lines, see `host_lines`; empty if there are none."""
    identity: Identity
    """What an existing connection must be to be this one. It is computed when the request is planned, for
    with 20,000 hosts it takes about as long as a create call, and nothing should wait for it then."""
    digest: str
    """SHA-256 of the content."""
    count: int
    """Lines of hosts."""
    sources: tuple[str, ...] = ()
    """Where its hosts were read, as the user named it."""
    totals: Mapping[str, int] | None = None
    """The balance of its list; None if it has none."""
    update: Update | None = None
    """That the connection may be there already, and is then to have these hosts."""

    @property
    def hosts(self) -> bytes:
        """Its hosts as lines, as they were when it was planned.

        Raises PlanError where the file that keeps them was changed since.
        """
        lines = self.kept.read()
        if not isinstance(self.kept, InMemory) and content_digest(self.frame, lines) != self.digest:
            raise PlanError(
                said(
                    "the request {name} was changed in its plan since the plan was checked",
                    name=shown(self.name, 60),
                ),
                hint="make the plan again, and leave it alone while it is sent",
            )
        return lines

    @property
    def content(self) -> bytes:
        """Body of the create call exactly as it is sent: compact JSON in UTF-8. Raises as `hosts`."""
        return b"".join(content_parts(self.frame, self.hosts))

    @property
    def body(self) -> dict[str, Any]:
        """The request as an object."""
        data: dict[str, Any] = json.loads(self.content)
        return data

    def differences(self, existing: Existing) -> str:
        """What differs in an existing connection, in words; empty if it is the same."""
        return ", ".join(self.aim(existing).differences(existing.identity))

    def aim(self, existing: Existing) -> Identity:
        """What the connection must be; an update leaves alone what it does not name."""
        aim, there = self.identity, existing.identity
        if self.update is not None and not (aim.pools or aim.queues):
            aim = replace(aim, pools=there.pools, queues=there.queues)
        if pools_apart(aim, there, self.update):
            aim = replace(aim, pools=there.pools)
        if self.update is not None and "hosts" not in self.frame:
            aim = replace(aim, hosts=there.hosts, count=there.count)
        return aim

    def apart(self, existing: Existing) -> str:
        """The first hosts that differ there, `; ` before them; empty if the hosts are the same."""
        if self.aim(existing).hosts == existing.identity.hosts:
            return ""
        return f"; {hosts_apart(host_lines(self.body.get('hosts') or ()), existing.hosts)}"


def content_parts(frame: Mapping[str, Any], lines: bytes) -> Iterator[bytes]:
    """The body of a create call, in parts."""
    before = b"{"
    for key, value in frame.items():
        yield before + _compact(key) + b":"
        if key == "hosts":
            yield from (b"[", lines.replace(b"\n", b",")[:-1], b"]")
        else:
            yield _compact(value)
        before = b","
    yield b"}"


def content_digest(frame: Mapping[str, Any], lines: bytes) -> str:
    """SHA-256 of the body of a create call."""
    total = hashlib.sha256()
    for part in content_parts(frame, lines):
        total.update(part)
    return total.hexdigest()


@dataclass(frozen=True)
class Plan:
    """Requests in the order in which they are sent."""

    requests: tuple[PlannedRequest, ...]
    version: str = __version__
    """Of the program that made the plan."""
    known_digest: str = field(default="", compare=False)
    """The digest, where it is known because the plan is in a file."""
    file: PlanSource | None = field(default=None, compare=False)
    """Where the bytes of the plan file are kept; None where they have to be made."""

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
    """Plan to send this body, as `CreateRequest` gives it.

    Raises ConnectionInvalid for any other host, and for one that stands there twice.
    """
    hosts = body.get("hosts")
    block = host_block(hosts or ())
    found = hosts_of(block)
    if found is None or found[1] < len(hosts or ()):
        raise ConnectionInvalid(
            said("{body}: a host was not checked", body=body["name"]),
            hint="this should not happen, please report it",
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
    *,
    lines: int = -1,
) -> PlannedRequest:
    """A request whose hosts are a block, of so many lines, of which `hosts_of` found this."""
    digest, count = found
    return PlannedRequest(
        name=str(frame["name"]),
        frame=frame,
        kept=InMemory(block),
        identity=replace(identity_of_body(frame), hosts=digest, count=count),
        digest=content_digest(frame, block),
        count=block.count(b"\n") if lines < 0 else lines,
        sources=sources,
        totals=totals,
    )


def _compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def plan_lines(plan: Plan) -> Iterator[str]:
    """The plan file."""
    return (part.decode("ascii") for part in _parts(plan))


def write_plan(plan: Plan, path: str) -> None:
    """Write the plan file, whole or not at all, for its owner alone. Raises UsageError."""
    with atomic_file(Path(path), private=True) as file:
        for part in _parts(plan):
            file.write(part)


def _parts(plan: Plan) -> Iterator[bytes]:
    """The file in parts."""
    if plan.file is not None:
        yield from plan.file.parts()
        return
    yield from _before_end(plan.requests, plan.version)
    yield footer_line(len(plan.requests), plan.digest)


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
            "hosts_bytes": request.kept.size,
            "body": request.frame,
        }
    )


def footer_line(count: int, digest: str) -> bytes:
    """The last line of a plan."""
    return _line({"requests": count, "digest": digest})


def _line(record: Mapping[str, Any]) -> bytes:
    return json_safe(json.dumps(record, allow_nan=False)).encode("ascii") + b"\n"


def looks_like_plan(path: str) -> bool:
    """Whether a file is, or was, a plan: JSON that says so near its beginning; False if it cannot be read."""
    try:
        with open_regular(path) as file:
            head = file.read(400)
            return head.lstrip().startswith(b"{") and f'"{FORMAT}'.encode() in head
    except OSError:
        return False
