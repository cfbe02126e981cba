"""What is to be sent: the requests, byte for byte, in one file that a person can read and compare.

The file is JSON with one host a line, so that a diff of two plans shows the hosts that changed. Its digest
covers everything else in it; a plan that was edited is refused. It holds no secret and no address of a
service: where it is sent is said when it is sent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from importer.columns.shown import shown
from importer.errors import ConnectionInvalid, PlanError
from importer.sending.identity import Identity, identity_of_body
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
            file.write(line.encode("utf-8"))


def looks_like_plan(path: str) -> bool:
    """Whether a file begins as a plan does; False where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(200).lstrip().startswith(b'{\n  "format": "' + FORMAT.encode() + b'"')
    except OSError:
        return False


def read_plan(path: str) -> Plan:
    """A plan as it was written. Raises PlanError for any other."""
    try:
        with open(path, "rb") as file:
            data = json.loads(file.read())
    except OSError as error:
        raise PlanError(f"{path}: cannot be read: {error.strerror or error}", hint="check the path") from None
    except (ValueError, RecursionError) as error:
        raise PlanError(f"{path}: is no plan: {error}", hint=_AGAIN) from None
    if not isinstance(data, dict) or data.get("format") != FORMAT or data.get("schema_version") != VERSION:
        raise PlanError(f"{path}: is no plan that this version can read", hint=_AGAIN)
    try:
        plan = Plan(tuple(_planned(item) for item in data["requests"]))
        facts = [
            (_facts(request), item) for request, item in zip(plan.requests, data["requests"], strict=True)
        ]
        same = plan.digest == data["digest"] and all(
            {**known, "body": item["body"]} == item for known, item in facts
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PlanError(f"{path}: is no plan: {type(error).__name__}: {error}", hint=_AGAIN) from None
    if not same or data.keys() != {"format", "schema_version", "tool", "digest", "requests"}:
        raise PlanError(f"{path}: was changed after it was made: it is not what its digest says", hint=_AGAIN)
    _check_bodies([item["body"] for item in data["requests"]], path)
    return plan


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
            CreateRequest.of_body({**body, "hosts": None})  # the digest and the identity hold the hosts
        except ConnectionInvalid as error:
            raise PlanError(f"{path}: {name}: {error.message}", hint=_AGAIN) from None


_AGAIN = "make it again with dli-hosts plan ... -o FILE"
