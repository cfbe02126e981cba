"""What is to be sent: the requests, byte for byte, in one file that a person can read and compare.

The file is JSON with one host a line, so that a diff of two plans shows the hosts that changed. Its digest
covers all that is sent or told, and a plan is read only if it is, byte for byte, what would be written for
what it says: one that was edited is refused. It holds no secret and no address of a service: where it is
sent is said when it is sent.
"""

from __future__ import annotations

import hashlib
import json
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from importer.errors import ConnectionInvalid, PlanError
from importer.planning.identity import Existing, Identity, host_lines, hosts_apart, identity_of_body
from importer.shown import shown
from importer.system import atomic_file, open_regular
from importer.version import __version__

FORMAT = "dli-hosts plan"
VERSION = 1
_BEGIN, _CLOSE = b"\n    {\n", b"\n    }"
"""Before and behind the fields of a request. No line break stands inside of a JSON string."""
_NO_HOSTS, _NEXT_HOST, _LAST = b'"hosts": []', b",\n          ", b"\n        ]"
_BETWEEN = b"}" + _NEXT_HOST + b"{"
_PART = 1 << 20
_MOST = 64 << 20
"""Bytes of one request in a plan; the service takes a body of 12 MB."""
_LETTERS = (string.ascii_letters + string.digits + "_.-").encode()
"""What hosts are made of, beside quotes and brackets."""


@dataclass(frozen=True)
class PlannedRequest:
    """One connection to create."""

    name: str
    content: bytes
    """Body of the create call exactly as it is sent: compact JSON in UTF-8."""
    identity: Identity
    """What an existing connection must be to be this one. It is reckoned when the request is planned, for
    with 20,000 hosts it takes about as long as a create call, and nothing should wait for it then."""
    sources: tuple[str, ...] = ()
    """Where its hosts were read, as the user named it."""
    totals: Mapping[str, int] | None = None
    """The balance of its list; None if it has none."""

    @property
    def body(self) -> dict[str, Any]:
        """The request as an object."""
        data: dict[str, Any] = json.loads(self.content)
        return data

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content."""
        return hashlib.sha256(self.content).hexdigest()

    def differences(self, existing: Existing) -> str:
        """What differs in an existing connection, in words; empty if it is the same."""
        return ", ".join(self.identity.differences(existing.identity))

    def apart(self, existing: Existing) -> str:
        """The first hosts that differ there, `; ` before them; empty if the hosts are the same."""
        if self.identity.hosts == existing.identity.hosts:
            return ""
        return f"; {hosts_apart(host_lines(self.body.get('hosts') or ()), existing.hosts)}"


@dataclass(frozen=True)
class Plan:
    """Requests in the order in which they are sent."""

    requests: tuple[PlannedRequest, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the facts of each request and its content."""
        total = hashlib.sha256(f"{FORMAT} {VERSION}\n".encode())
        for request in self.requests:
            total.update(json.dumps(_facts(request), sort_keys=True).encode() + b"\n")
        return total.hexdigest()


def plan_request(
    body: Mapping[str, Any], sources: Iterable[str] = (), totals: Mapping[str, int] | None = None
) -> PlannedRequest:
    """Plan to send this body."""
    return PlannedRequest(str(body["name"]), _packed(body), identity_of_body(body), tuple(sources), totals)


def _packed(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def _facts(request: PlannedRequest) -> dict[str, Any]:
    """What the digest of a plan covers. The digest of the hosts is kept since it takes long to reckon."""
    return {
        "name": request.name,
        "sources": list(request.sources),
        "totals": None if request.totals is None else dict(request.totals),
        "sha256": request.digest,
        "hosts_count": request.identity.count,
        "hosts_sha256": request.identity.hosts,
    }


def plan_lines(plan: Plan) -> Iterator[str]:
    """The plan file."""
    return (part.decode("utf-8") for part in _parts(plan))


def _parts(plan: Plan) -> Iterator[bytes]:
    before, behind = _frame(plan.digest, __version__)
    yield before
    for number, request in enumerate(plan.requests):
        yield (b"," if number else b"") + _BEGIN
        yield _fields(request)
        yield _CLOSE
    yield (b"\n  " if plan.requests else b"") + behind


def _frame(digest: str, version: str) -> tuple[bytes, bytes]:
    """What stands before all requests, and behind them."""
    tool = {"name": "dli-hosts", "version": version}
    head = {"format": FORMAT, "schema_version": VERSION, "tool": tool, "digest": digest, "requests": []}
    before, _, behind = _pretty(head).rpartition(b"[]")
    return before + b"[", b"]" + behind + b"\n"


def _pretty(data: Any) -> bytes:
    # Half a character, as in the name of a file that is no text, gets JSON's own escape.
    return json.dumps(data, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _fields(request: PlannedRequest) -> bytes:
    """The fields of a request as they stand in the file, without its outer brackets."""
    before, hosts, behind = _cut(request.content)
    fields = _frame_of(request, json.loads(before + behind))
    if not hosts:
        return fields
    # Tags come behind the hosts and could hold any text: the first mark is the field itself, since the
    # values before it cannot hold a quote unescaped.
    before, mark, behind = fields.partition(_NO_HOSTS)
    return b"".join((before, mark[:-1], _NEXT_HOST[1:], hosts.replace(b"},{", _BETWEEN), _LAST, behind))


def _frame_of(request: PlannedRequest, body: Mapping[str, Any]) -> bytes:
    """The fields of a request with a body that is given without its hosts."""
    return b"    " + _pretty({**_facts(request), "body": body})[2:-2].replace(b"\n", b"\n    ")


def _cut(content: bytes) -> tuple[bytes, bytes, bytes]:
    """A body before its first host, its hosts, and what is behind them; no host holds a bracket."""
    before, mark, rest = content.partition(b'"hosts":[')
    hosts, _, behind = rest.partition(b"]")
    return before + mark, hosts, b"]" + behind if mark else b""


def write_plan(plan: Plan, path: str) -> None:
    """Write the plan file, whole or not at all, for its owner alone. Raises UsageError."""
    with atomic_file(Path(path), private=True) as file:
        for part in _parts(plan):
            file.write(part)


def looks_like_plan(path: str) -> bool:
    """Whether a file is, or was, a plan: JSON that says so near its beginning; False if it cannot be read."""
    try:
        with open_regular(path) as file:
            head = file.read(400)
            return head.lstrip().startswith(b"{") and f'"{FORMAT}'.encode() in head
    except OSError:
        return False


def read_plan(path: str) -> Plan:
    """A plan as it was written. Raises PlanError for any other."""
    try:
        with open_regular(path) as file:
            texts = _texts(file)
            head = next(texts)
            _check_head(json.loads(head + b"]}" if head.endswith(b"[") else head), path)
            requests, tails = [], [b""]
            for text in texts:
                fields, _, tail = text.rpartition(_CLOSE)
                requests.append(_planned(fields))
                tails.append(tail)
        whole = json.loads(head + tails[-1])
        before, behind = _frame(whole["digest"], str(whole["tool"]["version"]))
        plan = Plan(tuple(request for request, _ in requests))
        frame = before + (b"\n  " if requests else b"") + behind
        if head + tails[-1] != frame or whole["digest"] != plan.digest or set(tails[1:-1]) - {b","}:
            raise _Changed
    except OSError as error:
        raise PlanError(f"{path}: cannot be read: {error.strerror or error}", hint="check the path") from None
    except _Changed as changed:
        raise PlanError(f"{path}: {changed}", hint=_AGAIN) from None
    except (ValueError, OverflowError, RecursionError) as error:
        raise PlanError(f"{path}: is no plan: {error}", hint=_AGAIN) from None
    except (KeyError, TypeError, AttributeError) as error:
        raise PlanError(f"{path}: is no plan: {type(error).__name__}: {error}", hint=_AGAIN) from None
    _check_bodies((body for _, body in requests), path)
    return plan


class _Changed(Exception):
    """A plan is not what was written; `of`: which request it is."""

    def __init__(self, of: str = "") -> None:
        where = f"request {shown(of, 60)} " if of else ""
        super().__init__(f"{where}was changed after it was made: it is not what its digest says")


def _check_head(head: Any, path: str) -> None:
    if not isinstance(head, dict) or head.get("format") != FORMAT or head.get("schema_version") != VERSION:
        raise PlanError(f"{path}: is no plan that this version can read", hint=_AGAIN)


def _texts(file: IO[bytes]) -> Iterator[bytes]:
    """What stands before the first request, and each request with what is behind it.

    All of them at once could fill gigabytes. Raises ValueError where one would be too long.
    """
    held = b""
    while part := file.read(_PART):
        *whole, held = (held + part).split(_BEGIN)
        yield from whole
        if len(held) > _MOST:
            raise ValueError(f"more than {_MOST >> 20} MiB in one piece")
    yield held


def _planned(fields: bytes) -> tuple[PlannedRequest, dict[str, Any]]:
    """The request whose fields these are, and its body without hosts.

    Raises _Changed unless they are as they would be written.
    """
    before, mark, rest = fields.partition(_NO_HOSTS[:-1] + _NEXT_HOST[1:])
    lines, _, behind = rest.partition(_LAST)
    frame = before + _NO_HOSTS + behind if mark else fields
    item = json.loads(b"{" + frame + b"}")
    body, sources, totals = item["body"], item["sources"], item["totals"]
    if not (_are_hosts(lines) if mark else body.get("hosts", []) == []):
        raise _Changed(str(item["name"]))
    count, digest = int(item["hosts_count"]), str(item["hosts_sha256"])
    identity = replace(identity_of_body(body), hosts=digest, count=count)
    before, mark, behind = _packed(body).partition(b'"hosts":[')
    content = b"".join((before, mark, lines.replace(_BETWEEN, b"},{"), behind))
    planned = PlannedRequest(str(body["name"]), content, identity, tuple(map(str, sources)), totals)
    if _frame_of(planned, body) != frame:
        raise _Changed(planned.name)
    return planned, body


def _are_hosts(lines: bytes) -> bool:
    """Whether each line is an `ip` and a `name`, and nothing else; seen without reading one by one."""
    count = lines.count(b'{"ip":"')
    frame = _NEXT_HOST.join([b'{"":"","":""}'] * count)
    return 0 < count == lines.count(b',"name":"') and lines.translate(None, _LETTERS) == frame


def _check_bodies(bodies: Iterable[Mapping[str, Any]], path: str) -> None:
    """The digest guards against a slip, not against who can compute one: look at the bodies too."""
    from importer.planning.request import CreateRequest

    seen: set[str] = set()
    for body in bodies:
        name = str(body["name"])
        if name in seen:
            raise PlanError(f"{path}: has two requests for {shown(name, 60)}", hint=_AGAIN)
        seen.add(name)
        try:
            CreateRequest.of_body(body)
        except ConnectionInvalid as error:
            raise PlanError(f"{path}: {shown(name, 60)}: {error.message}", hint=_AGAIN) from None


_AGAIN = "make it again with dli-hosts plan ... -o FILE"
