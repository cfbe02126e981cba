"""A service that is a dictionary, the time, other people, and runs that may be killed: for tests to play."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import tempfile
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from importer.calling.calls import Answer, Call, Failure, Phase
from importer.planning.identity import Identity
from importer.planning.plan import Plan, PlannedRequest, plan_request
from importer.sending.journal import Journal, open_journal
from importer.sending.result import Result, State
from importer.sending.retry import Clock, Retry
from importer.sending.service import Gate, Service
from importer.sending.submit import Submission

EPOCH = 1_800_000_000.0
SETTLE, DEADLINE = 90.0, 120.0
NAMES = ("mrs", "mrs_2", "hbase", "kafka")
BASE = "http://service/v2.0/p/datasource/enhanced-connections"
FOLDER = "/dev/shm" if os.path.isdir("/dev/shm") else None
"""Where syncing costs nothing: what is proved here is the order of things, not the disk."""


class Killed(BaseException):
    """The process ends here."""


class Fault(NamedTuple):
    """What befalls one create call."""

    commit: str = "now"
    """now, late, or never."""
    reply: str = "created"
    late: float = 0.0
    """Seconds after the call was sent."""
    takes: float = 0.0
    """Seconds that the call takes."""
    other: str = ""
    """Whether somebody else makes one of that name: equal or different, before or after."""


@dataclass
class Stored:
    """A connection of the model."""

    id: str
    body: dict[str, Any]
    ours: bool
    deleted: bool = False


@dataclass
class World:
    """The service, the time, and the people who use the service too."""

    unique: bool = False
    beyond: bool = False
    """What is late may be later than the settle window."""
    time: float = 0.0
    back: float = 0.0
    """Seconds by which the wall clock was set back."""
    stored: dict[str, Stored] = field(default_factory=dict)
    pending: list[tuple[float, Stored]] = field(default_factory=list)
    """What will be there later, and when."""
    faults: deque[Fault] = field(default_factory=deque)
    reads: deque[str] = field(default_factory=deque)
    kill_in: int | None = None
    """Points at which the process may be killed that are passed before it is."""
    posts: list[str] = field(default_factory=list)
    made: list[Stored] = field(default_factory=list)
    """What was made, or will be, by calls of this run."""
    doubles: list[str] = field(default_factory=list)
    mistaken: set[str] = field(default_factory=set)
    """Names of which somebody made an equal one while one of ours was due: nobody can tell them apart."""
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def clock(self) -> Clock:
        """Time as a run sees it."""
        return Clock(lambda: EPOCH + self.time - self.back, lambda: self.time, self.advance, lambda: 0.5)

    def advance(self, seconds: float) -> None:
        """Time passes, and what is due appears."""
        self.time += seconds
        for item in sorted(self.pending, key=lambda item: item[0]):
            if item[0] <= self.time:
                self.pending.remove(item)
                self.commit(item[1])

    def point(self) -> None:
        """The process may be killed here."""
        if self.kill_in is not None:
            self.kill_in -= 1
            if self.kill_in < 0:
                raise Killed

    def live(self, name: str) -> list[Stored]:
        """Connections of a name that are there."""
        return [one for one in self.stored.values() if one.body["name"] == name and not one.deleted]

    def new(self, body: dict[str, Any], *, ours: bool) -> Stored:
        """A connection that is not there yet."""
        return Stored(f"id-{next(self._ids)}", body, ours)

    def commit(self, one: Stored) -> bool:
        """A connection appears, unless names are unique and this one is taken."""
        name = one.body["name"]
        if self.unique and self.live(name):
            return False
        if one.ours and name not in self.mistaken and any(other.ours for other in self.live(name)):
            self.doubles.append(name)
        self.stored[one.id] = one
        self.compare(name)
        return True

    def compare(self, name: str) -> None:
        """Take note when one of ours is due and somebody's equal one is there already."""
        due = [identity(one) for _, one in self.pending if one.body["name"] == name]
        if any(not one.ours and identity(one) in due for one in self.live(name)):
            self.mistaken.add(name)

    # -- the service

    def send(self, call: Call) -> Answer | Failure:
        """The transport: nothing but values."""
        self.point()
        if call.method == "POST":
            result = self.create(json.loads(call.body))
            self.point()
            return result
        self.advance(0.25)
        kind = self.reads.popleft() if self.reads else "ok"
        if kind != "ok":
            return READ_FAULTS[kind]
        url = urlsplit(call.url)
        if url.query:
            return self.list({key: values[0] for key, values in parse_qs(url.query).items()})
        one = self.stored.get(url.path.rpartition("/")[2])
        return _says(404, error_code="DLI.0002") if one is None else _says(200, **_item(one))

    def list(self, query: dict[str, str]) -> Answer:
        """Those whose name begins like the one asked for: the filter is not to be relied on."""
        items = [_item(one) for one in self.stored.values() if one.body["name"].startswith(query["name"])]
        start = int(query["offset"])
        return _says(200, is_success=True, connections=items[start : start + int(query["limit"])])

    def create(self, body: dict[str, Any]) -> Answer | Failure:
        """Do what the next fault says."""
        fault = self.faults.popleft() if self.faults else Fault()
        self.posts.append(body["name"])
        sent = self.time
        if fault.other.endswith("before"):
            self.somebody(body, fault.other)
        one = self.new(body, ours=True)
        if fault.commit != "never" and self.unique and self.live(body["name"]):
            result: Answer | Failure = _says(400, error_code="DLI.0006")
        else:
            if fault.commit == "now":
                self.commit(one)
            elif fault.commit == "late":
                self.pending.append((sent + fault.late, one))
                self.compare(body["name"])
            if fault.commit != "never":
                self.made.append(one)
            result = _reply(fault.reply, one.id)
        if fault.other.endswith("after"):
            self.somebody(body, fault.other)
        self.advance(fault.takes)
        return result

    def somebody(self, body: dict[str, Any], what: str) -> None:
        """Somebody else makes one of that name, equal to ours or not."""
        changed = body if what.startswith("equal") else {**body, "dest_vpc_id": "theirs"}
        self.commit(self.new(changed, ours=False))


def _says(http: int, /, **body: Any) -> Answer:
    return Answer(http, {}, json.dumps(body).encode(), True)


def _item(one: Stored) -> dict[str, Any]:
    pools = [{"name": name, "status": "ACTIVE"} for name in one.body.get("elastic_resource_pools", ())]
    shown = {key: one.body[key] for key in ("name", "dest_vpc_id", "dest_network_id", "hosts")}
    status = "DELETED" if one.deleted else "ACTIVE"
    return {"id": one.id, **shown, "status": status, "elastic_resource_pools": pools}


_LOST = Failure(Phase.AFTER, "the connection failed")
_REPLIES: dict[str, Answer | Failure] = {
    "not sent": Failure(Phase.CONNECT, "the server cannot be reached"),
    "throttled": Answer(429, {}, b"", True),
    "throttled 7": Answer(429, {"Retry-After": "7"}, b"", True),
    "throttled 999": Answer(429, {"Retry-After": "999"}, b"", True),
    "parameter": _says(400, error_code="DLI.0001"),
    "quota": _says(400, error_code="DLI.1028"),
    "forbidden": _says(403, error_code="APIGW.0302"),
    "lost": _LOST,
    "500": _says(500, error_code="DLI.0999"),
    "504": _says(504, error_code="APIGW.0201"),
    "DLI.0999": _says(400, error_code="DLI.0999"),
    "DLI.0019": _says(400, error_code="DLI.0019"),
    "redirect": Answer(307, {"Location": "http://elsewhere/"}, b"", True),
    "no id": _says(201, is_success=True),
    "garbage": Answer(201, {}, b"<html>", True),
    "cut": Answer(201, {}, b'{"is_success": true', False),
    "false": _says(201, is_success=False, message="no"),
}
NOT_DONE = ("not sent", "throttled", "throttled 7", "throttled 999", "parameter", "quota", "forbidden")
"""Answers that the service gives only where nothing was done."""
IN_DOUBT = ("lost", "500", "504", "DLI.0999", "DLI.0019", "redirect", "no id", "garbage", "cut")
READ_FAULTS: dict[str, Answer | Failure] = {
    "lost": _LOST,
    "unreachable": Failure(Phase.CONNECT, "the server cannot be reached"),
    "500": _says(500),
    "DLI.0999": _says(400, error_code="DLI.0999"),
    "throttled": Answer(429, {}, b"", True),
    "throttled 999": Answer(429, {"Retry-After": "999"}, b"", True),
    "garbage": Answer(200, {}, b"<html>", True),
    "no list": _says(200, is_success=True),
    "odd item": _says(200, connections=[{"name": 1}]),
    "404": _says(404, error_code="APIGW.0101"),
    "forbidden": _says(403),
    "cut": Answer(200, {}, b'{"connections": [', False),
}


def _reply(kind: str, key: str) -> Answer | Failure:
    return _says(201, is_success=True, connection_id=key) if kind == "created" else _REPLIES[kind]


class Mortal:
    """A journal whose process may be killed before, in and after each write."""

    def __init__(self, journal: Journal, world: World, torn: int) -> None:
        self._journal = journal
        self._world = world
        self._torn = torn
        self.entry = journal.entry

        self.has = journal.has

    note = Journal.note

    def append(self, kind: str, name: str, **facts: Any) -> None:
        """Write, and perhaps die."""
        self._world.point()
        before = self._journal.path.stat().st_size
        self._journal.append(kind, name, **facts)
        try:
            self._world.point()
        except Killed:
            after = self._journal.path.stat().st_size
            os.truncate(self._journal.path, before + self._torn % (after - before))
            raise
        self._world.point()


def planned(name: str, variant: int) -> PlannedRequest:
    """One of two requests of a name, which differ in a host."""
    hosts = [{"ip": "10.0.0.1", "name": "node-1"}, {"ip": f"10.0.0.{variant + 2}", "name": "node-2"}]
    body = {"name": name, "dest_vpc_id": "V", "dest_network_id": "S", "elastic_resource_pools": ["p"]}
    return plan_request({**body, "hosts": hosts})


REQUESTS = {(name, variant): planned(name, variant) for name in NAMES for variant in (0, 1)}


def identity(one: Stored) -> Identity:
    """What a stored connection is."""
    return plan_request(one.body).identity


_NO_WORD_OF_IT = (State.UNKNOWN, State.NOT_SENT, State.GONE, State.REJECTED)
"""Results that do not say that anything is there."""


class Place:
    """A world, a journal, and runs."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.folder = Path(tempfile.mkdtemp(dir=FOLDER))
        self.path = self.folder / "journal"

    def close(self) -> None:
        """Take the journal away."""
        shutil.rmtree(self.folder)

    def run(
        self, requests: Sequence[PlannedRequest], *, recreate: bool = False, torn: int = 0
    ) -> list[Result]:
        """One run of a plan, until its end or its process's; what it told."""
        world, told = self.world, []
        world.posts.clear()
        clock = world.clock()
        retry = Retry(clock, budget=20 + len(requests) / 10)
        service = Service(world.send, BASE, retry, Gate())
        digest = Plan(tuple(requests)).digest
        try:
            with open_journal(self.path, endpoint="e", project_id="p", now=clock.now) as journal:
                journal.note_run("command", "folder")
                submission = Submission(
                    service,
                    Mortal(journal, world, torn),  # type: ignore[arg-type]
                    retry,
                    digest,
                    DEADLINE,
                    SETTLE,
                    NAMES if recreate else (),
                )
                for request in requests:
                    if retry.halted is not None:
                        break
                    world.made.clear()
                    told.append(submission.carry_out(request))
                    self.check(request, told[-1], journal)
        except Killed:
            world.kill_in = None
        return told

    def check(self, request: PlannedRequest, result: Result, journal: Journal) -> None:
        """What was told is so."""
        world, live = self.world, self.world.live(request.name)
        equal = [one for one in live if not request.identity.differences(identity(one))]
        entry = journal.entry(request.name)
        coming = [one for _, one in world.pending if one.body["name"] == request.name]
        coming = [] if world.beyond or request.name in world.mistaken else coming
        if result.state in (State.CREATED, State.EXISTS):
            assert result.connection_id in [one.id for one in equal], result
            assert entry.is_done
        elif result.state in (State.REJECTED, State.NOT_SENT):
            assert not world.made, result
            assert result.state is not State.REJECTED or not coming, result
            assert entry.is_open is bool(entry.is_open and result.state is State.NOT_SENT)
        elif result.state is State.UNKNOWN:
            assert entry.is_open
        elif result.state is State.CONFLICT:
            assert live, result
            assert not (len(live) == len(equal) == 1), result
        else:
            assert result.state is State.GONE
            assert world.stored[result.connection_id].deleted
        if entry.is_done:
            assert entry.id in world.stored
        if result.state in (State.CREATED, State.EXISTS, State.DEFECTIVE):
            others = {one.id for one in live} - {result.connection_id}
            assert set(result.twins) == others or not entry.may_be_twice or result.unsure, result
        ours = [one for one in live if one.ours]
        assert len(ours) < 2 or result.twins or result.unsure or result.state in _NO_WORD_OF_IT, result
        if not entry.is_open:
            assert not coming, "what may still appear is not settled"
