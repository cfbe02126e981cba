"""A service whose connections are updated, other people, and runs that plan, send and may be killed."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from world import BASE, DEADLINE, EPOCH, FOLDER, READ_FAULTS, SETTLE, Killed, Mortal

from importer.calling.calls import Answer, Call, Failure, Phase
from importer.planning.identity import Existing
from importer.planning.plan import Plan, PlannedRequest, plan_request
from importer.planning.updates import Allowed, Update
from importer.sending.backup import Backups, backups_of, list_backups, read_backup
from importer.sending.history import Entry, read_journal
from importer.sending.journal import open_journal
from importer.sending.preview import foresee
from importer.sending.result import Result, State
from importer.sending.retry import Clock, Halted, Retry
from importer.sending.service import Gate, LookUpFailed, Service
from importer.sending.submit import Submission

NAMES = ("mrs", "hbase")
Hosts = frozenset[tuple[str, str]]
"""Pairs of address and name."""

LISTS: dict[str, Hosts] = {
    "first": frozenset({("10.0.0.1", "a"), ("10.0.0.2", "b"), ("10.0.0.3", "c")}),
    "moved": frozenset({("10.0.0.9", "a"), ("10.0.0.2", "b"), ("10.0.0.3", "c")}),
    "respelled": frozenset({("10.0.0.1", "A"), ("10.0.0.2", "b"), ("10.0.0.3", "c")}),
    "longer": frozenset({("10.0.0.1", "a"), ("10.0.0.2", "b"), ("10.0.0.3", "c"), ("10.0.0.4", "d")}),
    "other": frozenset({("10.1.0.1", "x")}),
}


class Fault(NamedTuple):
    """What befalls one update call."""

    commit: str = "now"
    """now, late, half, or never."""
    reply: str = "done"
    late: float = 0.0
    """Seconds after the call was sent."""
    other: str = ""
    """Whether somebody else edits just before it is carried out, or just after: before, after."""


DOUBTS = ("lost", "500", "504", "DLI.0999", "garbage", "cut", "empty")
REFUSALS = ("not sent", "throttled", "parameter", "forbidden")


def _says(http: int, /, **body: Any) -> Answer:
    return Answer(http, {}, json.dumps(body).encode(), True)


_REPLIES: dict[str, Answer | Failure] = {
    "done": _says(200, is_success=True, message=""),
    "false": _says(200, is_success=False, message="no"),
    "not sent": Failure(Phase.CONNECT, "the server cannot be reached"),
    "throttled": Answer(429, {}, b"", True),
    "parameter": _says(400, error_code="DLI.0001"),
    "forbidden": _says(403, error_code="APIGW.0302"),
    "lost": Failure(Phase.AFTER, "the connection failed"),
    "500": _says(500, error_code="DLI.0999"),
    "504": _says(504, error_code="APIGW.0201"),
    "DLI.0999": _says(400, error_code="DLI.0999"),
    "garbage": Answer(200, {}, b"<html>", True),
    "cut": Answer(200, {}, b'{"is_success": tr', False),
    "empty": Answer(200, {}, b"", True),
}


@dataclass
class Write:
    """An update call: what it overwrites, and what it writes."""

    id: str
    hosts: Hosts
    seen: Hosts
    """What the last read of the run showed."""


@dataclass
class UpdateWorld:
    """The service, the time, and other people."""

    time: float = 0.0
    hosts: dict[str, Hosts] = field(default_factory=dict)
    """Of the live connection of each name; its id is `id-NAME`."""
    pending: list[tuple[float, Write]] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    reads: deque[str] = field(default_factory=deque)
    kill_in: int | None = None
    puts: list[str] = field(default_factory=list)
    """Names that update calls of this run were for."""
    planned: dict[str, Hosts] = field(default_factory=dict)
    """What the plan of this run saw of each connection."""
    replaced: list[tuple[str, Hosts]] = field(default_factory=list)
    """States that our calls overwrote, though not those that came in the one window."""
    _edits: int = 0
    _last_read: dict[str, Hosts] = field(default_factory=dict)

    def clock(self) -> Clock:
        """Time as a run sees it."""
        return Clock(lambda: EPOCH + self.time, lambda: self.time, self.advance, lambda: 0.5)

    def advance(self, seconds: float) -> None:
        """Time passes, and what is due is carried out."""
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

    def edit(self, name: str) -> None:
        """Somebody else adds a host."""
        self._edits += 1
        self.hosts[name] |= {("192.0.2.1", f"else-{self._edits}")}

    def commit(self, write: Write) -> None:
        """An update call is carried out; a state that nobody could see is lost in the one window."""
        name = write.id.removeprefix("id-")
        if name in self.hosts:
            if self.hosts[name] == write.seen != write.hosts:
                self.replaced.append((name, write.seen))
            self.hosts[name] = write.hosts

    # -- the service

    def send(self, call: Call) -> Answer | Failure:
        """The transport."""
        self.point()
        if call.method == "PUT":
            result = self.put(call.url.rpartition("/")[2], json.loads(call.body)["hosts"])
            self.point()
            return result
        self.advance(0.25)
        kind = self.reads.popleft() if self.reads else "ok"
        if kind != "ok":
            return READ_FAULTS[kind]
        url = urlsplit(call.url)
        if url.query:
            query = {key: values[0] for key, values in parse_qs(url.query).items()}
            items = (
                [self.item(query["name"])] if query["name"] in self.hosts and query["offset"] == "0" else []
            )
            return _says(200, is_success=True, connections=items)
        name = url.path.rpartition("/")[2].removeprefix("id-")
        if name not in self.hosts:
            return _says(404, error_code="DLI.0023")
        self._last_read[name] = self.hosts[name]
        return _says(200, is_success=True, **self.item(name))

    def item(self, name: str) -> dict[str, Any]:
        """A connection as answers hold it, its hosts in an order of their own."""
        hosts = [{"name": host, "ip": ip} for ip, host in sorted(self.hosts[name], reverse=True)]
        fields = {"dest_vpc_id": "V", "dest_network_id": "S", "status": "ACTIVE", "hosts": hosts}
        return {"id": f"id-{name}", "name": name, **fields, "elastic_resource_pools": []}

    def put(self, key: str, sent: Sequence[Mapping[str, str]]) -> Answer | Failure:
        """Do what the next fault says."""
        name, fault = key.removeprefix("id-"), self.faults.popleft() if self.faults else Fault()
        self.puts.append(name)
        wanted = frozenset((host["ip"], host["name"]) for host in sent)
        seen = self._last_read[name]
        assert seen == self.planned[name], "only what the plan has seen is overwritten"
        if name not in self.hosts:
            return _says(404, error_code="DLI.0023")
        if fault.other == "before":
            self.edit(name)
        write = Write(key, wanted, seen)
        if fault.commit == "now":
            self.commit(write)
        elif fault.commit == "half":
            self.commit(replace(write, hosts=frozenset(sorted(wanted)[: len(wanted) // 2])))
        elif fault.commit == "late":
            self.pending.append((self.time + fault.late, write))
        if fault.other == "after":
            self.edit(name)
        return _REPLIES[fault.reply]


def listed(name: str, hosts: Hosts, mode: str = "replace") -> PlannedRequest:
    """A list of a connection that may be updated."""
    body = {"name": name, "dest_vpc_id": "V", "dest_network_id": "S"}
    lines = [{"ip": ip, "name": host} for ip, host in sorted(hosts)]
    return replace(plan_request({**body, "hosts": lines}), update=Update(mode))


def of_lines(lines: Sequence[str]) -> Hosts:
    """Pairs of lines `IP NAME`."""
    return frozenset((ip, name) for ip, _, name in (line.partition(" ") for line in lines))


class UpdatePlace:
    """A world, a journal with its backups, and runs."""

    def __init__(self) -> None:
        self.world = UpdateWorld(hosts=dict.fromkeys(NAMES, LISTS["first"]))
        self.folder = Path(tempfile.mkdtemp(dir=FOLDER))
        self.path = self.folder / "journal"

    def close(self) -> None:
        """Take the journal away."""
        shutil.rmtree(self.folder)

    def plan(self, wanted: Sequence[PlannedRequest]) -> list[PlannedRequest]:
        """The requests as they are planned now; empty where the service could not be asked."""
        world = self.world
        known = self.path.exists() and b"\n" in self.path.read_bytes()
        entries = read_journal(self.path).entries if known else {}
        service = Service(world.send, BASE, Retry(world.clock()), Gate())
        world.planned.clear()
        made = []
        for request in wanted:
            name = request.name
            try:
                there = world.hosts.get(name, frozenset())
                foreseen = foresee(
                    service, entries.get(name) or Entry(name), request, Allowed(100, empty=True)
                )
            except (LookUpFailed, Halted):
                return []
            world.planned[name] = there
            made.append(foreseen.request)
        return made

    def send(self, requests: Sequence[PlannedRequest], torn: int = 0) -> list[Result]:
        """Carry out planned requests, until the run's end or its process's; what was told."""
        world, told = self.world, []
        world.puts.clear()
        clock = world.clock()
        retry = Retry(clock)
        service = Service(world.send, BASE, retry, Gate())
        backups = Backups(backups_of(self.path), "e", "p", "digest")

        def keep(planned: PlannedRequest, existing: Existing, now: float) -> str:
            world.point()
            path = backups.keep(planned, existing, now)
            world.point()
            return path

        try:
            with open_journal(self.path, endpoint="e", project_id="p", now=clock.now) as journal:
                submission = Submission(
                    service,
                    Mortal(journal, world, torn),  # type: ignore[arg-type]
                    retry,
                    Plan(tuple(requests)).digest,
                    DEADLINE,
                    SETTLE,
                    backup=keep,
                )
                for request in requests:
                    if retry.halted is not None:
                        break
                    told.append(submission.carry_out(request))
                    self.check(request, told[-1], journal.entry(request.name))
        except Killed:
            world.kill_in = None
        return told

    def check(self, request: PlannedRequest, result: Result, entry: Entry) -> None:
        """What was told is so: the service equals the list, or the journal says what is open."""
        world = self.world
        coming = [write for _, write in world.pending if write.id == f"id-{request.name}"]
        if result.state in (State.UPDATED, State.EXISTS):
            assert request.identity.hosts == _digest(world.hosts[request.name]), result
            assert entry.is_done
        elif result.state is State.UNKNOWN:
            assert entry.is_open
        if not entry.is_open:
            assert not coming, "what may still be carried out is not settled"

    def check_backups(self) -> None:
        """Of each state that was replaced there is a backup, which can be read and put back."""
        kept = {(backup.name, of_lines(backup.lines)) for backup in map(read_backup, list_backups(self.path))}
        assert set(self.world.replaced) <= kept


def _digest(hosts: Hosts) -> str:
    return listed("x", hosts).identity.hosts
