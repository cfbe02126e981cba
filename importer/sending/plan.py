"""What is to be sent: the requests, byte for byte, in one file that a person can read and compare.

The file is JSON with one host a line, so that a diff of two plans shows the hosts that changed. Its digest
covers everything else in it; a plan that was edited is refused. It holds no secret and no address of a
service: where it is sent is said when it is sent.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from importer.columns.shown import shown
from importer.errors import ConnectionInvalid, PlanError
from importer.sending.identity import Existing, Identity, host_lines, hosts_apart, identity_of_body
from importer.system import atomic_file
from importer.version import __version__

FORMAT = "dli-hosts plan"
VERSION = 1
_HOSTS_MARK = '"hosts": []'


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
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")
    return PlannedRequest(str(body["name"]), content, identity_of_body(body), tuple(sources), totals)


def _facts(request: PlannedRequest) -> dict[str, Any]:
    return {
        "name": request.name,
        "sources": list(request.sources),
        "totals": None if request.totals is None else dict(request.totals),
        "sha256": request.digest,
    }


def plan_lines(plan: Plan) -> Iterator[str]:
    """The plan file."""
    head = {
        "format": FORMAT,
        "schema_version": VERSION,
        "tool": {"name": "dli-hosts", "version": __version__},
        "digest": plan.digest,
        "requests": [],
    }
    before, _, after = json.dumps(head, indent=2).rpartition("[]")
    yield before + "["
    for number, request in enumerate(plan.requests):
        yield ",\n" if number else "\n"
        yield from _request_lines(request)
    yield f"\n  ]{after}\n" if plan.requests else f"]{after}\n"


def _request_lines(request: PlannedRequest) -> Iterator[str]:
    body = request.body
    hosts = body.get("hosts")
    if hosts:
        body["hosts"] = []
    text = json.dumps({**_facts(request), "body": body}, indent=2, ensure_ascii=False)
    text = "    " + text.replace("\n", "\n    ")
    if not hosts:
        yield text
        return
    # Tags come behind the hosts and could hold any text: the first mark is the field itself, since the
    # values before it are names and ids that cannot hold a quote unescaped.
    before, _, after = text.partition(_HOSTS_MARK)
    yield before + '"hosts": [\n'
    last = len(hosts) - 1
    for number, host in enumerate(hosts):
        yield f"          {json.dumps(host, ensure_ascii=False)}{',' if number < last else ''}\n"
    yield "        ]" + after


def write_plan(plan: Plan, path: str) -> None:
    """Write the plan file, whole or not at all, for its owner alone. Raises UsageError."""
    with atomic_file(Path(path), private=True) as file:
        for line in plan_lines(plan):
            file.write(line.encode("utf-8", "backslashreplace"))  # JSON's own escape for half a character


def looks_like_plan(path: str) -> bool:
    """Whether a file is, or was, a plan: JSON that says so near its beginning; False if it cannot be read."""
    try:
        with open(path, "rb") as file:
            head = file.read(400)
            return head.lstrip().startswith(b"{") and f'"{FORMAT}'.encode() in head
    except OSError:
        return False


def read_plan(path: str) -> Plan:
    """A plan as it was written. Raises PlanError for any other."""
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8")
        start = _start_of_requests(text)
        _check_head(json.loads(text[:start] + "]}" if start else text), path)
        requests: list[PlannedRequest] = []
        bodies: list[dict[str, Any]] = []
        same, end = True, start
        for item, stop in _items(text, start):
            end = stop
            requests.append(_planned(item))
            bodies.append({**item["body"], "hosts": None})  # the digest and the identity hold the hosts
            same = same and {**_facts(requests[-1]), "body": item["body"]} == item
        whole = json.loads(text[:start] + text[end:])
        plan = Plan(tuple(requests))
        same = same and whole["digest"] == plan.digest
    except OSError as error:
        raise PlanError(f"{path}: cannot be read: {error.strerror or error}", hint="check the path") from None
    except (ValueError, RecursionError) as error:
        raise PlanError(f"{path}: is no plan: {error}", hint=_AGAIN) from None
    except (KeyError, TypeError, AttributeError) as error:
        raise PlanError(f"{path}: is no plan: {type(error).__name__}: {error}", hint=_AGAIN) from None
    if not same or whole.keys() != {"format", "schema_version", "tool", "digest", "requests"}:
        raise PlanError(f"{path}: was changed after it was made: it is not what its digest says", hint=_AGAIN)
    _check_head(whole, path)
    _check_bodies(bodies, path)
    return plan


def _check_head(head: Any, path: str) -> None:
    if not isinstance(head, dict) or head.get("format") != FORMAT or head.get("schema_version") != VERSION:
        raise PlanError(f"{path}: is no plan that this version can read", hint=_AGAIN)


def _start_of_requests(text: str) -> int:
    """Where the first request stands, behind the bracket; 0 if there is no place for requests."""
    found = re.search(r'"requests"[ \t\r\n]*:[ \t\r\n]*\[', text)
    return found.end() if found else 0


def _items(text: str, at: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Each request, and where it ends; the objects of all of them at once would fill gigabytes.

    Raises ValueError where the array is not well-formed.
    """
    decoder = json.JSONDecoder()
    at = _behind_blanks(text, at)
    while text[at : at + 1] not in ("]", ""):
        item, end = decoder.raw_decode(text, at)
        yield item, end
        at = _behind_blanks(text, end)
        if text[at : at + 1] == ",":
            at = _behind_blanks(text, at + 1)
            if text[at : at + 1] == "]":
                raise ValueError("a comma without a request behind it")
        elif text[at : at + 1] != "]":
            raise ValueError("no comma between two requests")


def _behind_blanks(text: str, at: int) -> int:
    found = re.compile(r"[ \t\r\n]*").match(text, at)
    return found.end() if found else at


def _planned(item: Mapping[str, Any]) -> PlannedRequest:
    planned = plan_request(item["body"], [str(name) for name in item["sources"]], item["totals"])
    if planned.name != item["name"]:
        raise ValueError(f"request {shown(str(item['name']), 60)} has another name in its body")
    return planned


def _check_bodies(bodies: Iterable[Mapping[str, Any]], path: str) -> None:
    """The digest guards against a slip, not against who can compute one: look at the bodies too."""
    from importer.sending.request import CreateRequest

    seen: set[str] = set()
    for body in bodies:
        name = str(body["name"])
        if name in seen:
            raise PlanError(f"{path}: has two requests for {name}", hint=_AGAIN)
        seen.add(name)
        try:
            CreateRequest.of_body(body)
        except ConnectionInvalid as error:
            raise PlanError(f"{path}: {name}: {error.message}", hint=_AGAIN) from None


_AGAIN = "make it again with dli-hosts plan ... -o FILE"
