"""Whenever a run is killed, the next one ends it: each connection once, and nothing told that is not so."""

from __future__ import annotations

import functools
import importlib
import itertools
import json
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from begun import Process, begin
from command import PROGRAM, ROOT, run_process
from killing import JOURNAL, Ended, Rig, created_lines, why_not
from relaying import Relay

from importer.sandbox.page import read_create
from importer.sandbox.serve import Running, start
from importer.sandbox.store import Store
from importer.sending.history import read_journal

CONNECTIONS = 5
SETTLE, LATE = 0.5, 0.25
"""Seconds; late between two looks, so that runs look equally often."""
KEYS = ("endpoint", "iam_endpoint", "project_id", "access_key", "secret_key", "token")
VPC, SUBNET = "vpc-1", "net-1"


@dataclass
class Trial:
    """A run of five small connections, which will be killed, in a folder and with names of its own."""

    running: Running
    rig: Rig
    folder: Path
    label: str
    workers: int = 1
    foreign: dict[str, str] = field(default_factory=dict)
    """Names that others have, and the ids of their connections."""

    def __post_init__(self) -> None:
        """Write the jobs file and the credentials."""
        self.folder.mkdir()
        jobs = [f'[defaults]\nvpc = "{VPC}"\nsubnet = "{SUBNET}"\n']
        jobs += [f'[[connection]]\nname = "{self.name(i)}"\nhosts = {hosts(i)}\n' for i in range(CONNECTIONS)]
        (self.folder / "jobs.toml").write_text("".join(jobs), "utf-8")
        credentials(self.folder / "keys.json", self.running)

    def name(self, index: int) -> str:
        """Name of a connection."""
        return f"{self.label}_{index}"

    def arguments(self) -> list[str]:
        """What `dli-hosts` is called with."""
        return [
            "submit", "jobs.toml", "--credentials", "keys.json", "--journal", JOURNAL,
            "--settle", str(SETTLE), "--workers", str(self.workers),
        ]  # fmt: skip

    def run(self, *, at: int = 0, every: bool = False, number: int = signal.SIGKILL) -> Ended:
        """Submit, to the end or to a system call."""
        return self.rig.run(self.arguments(), self.folder, at=at, every=every, number=number)

    def fault(self, rule: str, index: int) -> None:
        """A fault for one of the connections, beside those that are in force."""
        self.running.faults([rule.replace("NAME", self.name(index))])

    def create(self, index: int, pairs: list[str]) -> str:
        """Somebody creates a connection of this name, with these hosts; its id."""
        body = {
            "name": self.name(index), "dest_vpc_id": VPC, "dest_network_id": SUBNET,
            "hosts": [dict(zip(("ip", "name"), pair.split(), strict=True)) for pair in pairs],
        }  # fmt: skip
        return self.running.store.create(read_create(json.dumps(body).encode()))

    def posts(self) -> int:
        """Create calls that have arrived."""
        return sum(1 for arrival in self.running.log() if arrival["method"] == "POST")


def hosts(index: int) -> list[str]:
    """The hosts of a connection, as `ip name`."""
    return [f"10.0.{index}.{i} node-{index}-{i}" for i in range(1, 4)]


def credentials(path: Path, running: Running, **changes: str) -> None:
    """What `dli-hosts sandbox` prints."""
    path.touch(0o600)
    path.write_text(json.dumps({key: getattr(running, key) for key in KEYS} | changes), "utf-8")


# -- the scenarios


def fresh(trial: Trial) -> int:
    """Nothing goes wrong but the kill."""
    return 0


def lost_answer(trial: Trial) -> int:
    """A connection is created and the answer about it is lost."""
    trial.fault("commit-reset:name=NAME", 1)
    return 0


def late_commit(trial: Trial) -> int:
    """A connection is created some time after the call has failed."""
    trial.fault(f"late-commit:name=NAME,seconds={LATE}", 2)
    return 0


def throttled(trial: Trial) -> int:
    """A call is turned away and made again."""
    trial.fault("throttle:name=NAME,times=1,seconds=0", 2)
    return 0


def resumed(trial: Trial) -> int:
    """An earlier run was stopped by a power cut in the middle of its record of a creation."""
    ended = trial.run(at=_RECORD_OF_THE_SECOND)
    assert ended.struck
    journal = trial.folder / JOURNAL
    records = journal.read_bytes().splitlines(keepends=True)
    last = json.loads(records[-1].split(b" ", 2)[2])
    if last["type"] == "created":
        journal.write_bytes(b"".join(records)[:-20])
    return 0


_RECORD_OF_THE_SECOND = 37
"""A system call that lies between the second create call and the third; where exactly does not matter."""


def taken(trial: Trial) -> int:
    """Somebody has made one of the connections just so, and another one with other hosts."""
    trial.create(0, hosts(0))
    trial.foreign[trial.name(1)] = trial.create(1, ["10.9.9.9 other"])
    return 4


SCENARIOS = (fresh, lost_answer, late_commit, throttled, resumed, taken)


# -- what must hold


def check(trial: Trial, expected: int, victim: Ended) -> None:
    """Run the command again until it has ended well, and compare with what the service holds."""
    told = list(created_lines(victim.out))
    for _ in range(3):
        ended = trial.run()
        told += created_lines(ended.out)
        if ended.status == expected:
            break
    assert ended.status == expected, ended
    posts = trial.posts()
    again = trial.run()
    assert (again.status, trial.posts()) == (expected, posts), again
    truth = {}
    for index in range(CONNECTIONS):
        name = trial.name(index)
        live = trial.running.store.connections(name=name, status="ACTIVE")
        assert len(live) == 1, f"{name} is there {len(live)} times"
        truth[name] = live[0].id
        if name in trial.foreign:
            assert live[0].id == trial.foreign[name]
        else:
            there = trial.running.store.hosts(live[0].id)
            assert sorted(f"{ip} {host}" for ip, host in there) == hosts(index)
    assert all(truth[name] == key for name, key in told), told
    assert not {name for name, _ in told} & trial.foreign.keys()
    assert not any(entry.is_open for entry in read_journal(trial.folder / JOURNAL).entries.values())


_NEVER = 1 << 30


class Sweep:
    """One scenario, killed at one system call after the other."""

    def __init__(self, folder: Path, running: Running, rig: Rig, scenario: Callable[[Trial], int]) -> None:
        self._folder, self._running, self._rig, self._scenario = folder, running, rig, scenario
        self._labels = (f"{scenario.__name__}_{number}" for number in itertools.count())
        self.killed = 0

    def points(self) -> int:
        """Calls to the outside that a run makes which nobody kills."""
        label = next(self._labels)
        trial = Trial(self._running, self._rig, self._folder / label, label)
        expected = self._scenario(trial)
        ended = trial.run(at=_NEVER)
        assert (ended.status, ended.struck) == (expected, False)
        self._running.faults([])
        return ended.calls

    def kill(
        self,
        at: int,
        *,
        every: bool = False,
        workers: int = 1,
        number: int = signal.SIGKILL,
        by: Callable[[Trial, int], Ended] | None = None,
    ) -> Ended:
        """One trial, checked; how the victim ended. `by`: who kills, if not the rig."""
        label = next(self._labels)
        trial = Trial(self._running, self._rig, self._folder / label, label, workers)
        expected = self._scenario(trial)
        victim = by(trial, at) if by else trial.run(at=at, every=every, number=number)
        if victim.struck:
            self.killed += 1
            if number == signal.SIGKILL:
                assert victim.status == -signal.SIGKILL, victim
        check(trial, expected, victim)
        self._running.faults([])
        return victim


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """The process that forks victims."""
    if reason := why_not():
        pytest.skip(reason)
    with Rig() as made:
        yield made


@pytest.fixture
def running() -> Iterator[Running]:
    """A sandbox without faults."""
    with start() as made:
        yield made


def tell(capsys: pytest.CaptureFixture[str], text: str) -> None:
    """Say how many points there were, whatever is captured."""
    with capsys.disabled():
        sys.stdout.write(f"\n{text}\n")


@pytest.mark.parametrize(
    ("scenario", "at"),
    list(zip(SCENARIOS, (27, 35, 44, 41, 20, 31), strict=True)),
    ids=[one.__name__ for one in SCENARIOS],
)
def test_killed_here_and_there(
    tmp_path: Path, running: Running, rig: Rig, scenario: Callable[[Trial], int], at: int
) -> None:
    """One point of each scenario."""
    assert Sweep(tmp_path, running, rig, scenario).kill(at).struck


@pytest.mark.long
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_killed_at_each_call_to_the_outside(
    tmp_path: Path,
    running: Running,
    rig: Rig,
    scenario: Callable[[Trial], int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One worker, killed at each call that acts on files or sockets, from the journal's opening to the exit.

    Runs of a scenario make the same calls (`killing` says which are counted), so that each point is reached
    by its number: all of them, or the test fails.
    """
    begin = time.monotonic()
    sweep = Sweep(tmp_path, running, rig, scenario)
    points = sweep.points()
    assert points > 40
    for at in range(1, points + 1):
        assert sweep.kill(at).struck, f"point {at} of {points} was not reached"
    told = f"{scenario.__name__}: {sweep.killed} of {points} points killed"
    tell(capsys, f"{told}, {time.monotonic() - begin:.0f} s")


@pytest.mark.long
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_killed_at_each_system_call(
    tmp_path: Path,
    running: Running,
    rig: Rig,
    scenario: Callable[[Trial], int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One worker, killed at each system call there is, those of memory, locks and clocks too.

    How many there are differs from run to run, since threads wait for each other as the scheduler likes. So
    the sweep goes on until three runs in a row have ended before they were struck, and a point that lies
    before the end of the sweep is tried until it is reached.
    """
    begin = time.monotonic()
    sweep = Sweep(tmp_path, running, rig, scenario)
    last = 0
    for at in itertools.count(1):
        if at > last + 3:
            break
        if sweep.kill(at, every=True).struck:
            last, missed = at, range(last + 1, at)
            for again in missed:
                assert any(sweep.kill(again, every=True).struck for _ in range(10)), again
    assert sweep.killed == last > 200
    told = f"{scenario.__name__}: {sweep.killed} of {last} system calls killed"
    tell(capsys, f"{told}, {time.monotonic() - begin:.0f} s")


@pytest.mark.long
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_killed_with_four_workers(
    tmp_path: Path,
    running: Running,
    rig: Rig,
    scenario: Callable[[Trial], int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Four workers, killed at every fourth call to the outside."""
    sweep = Sweep(tmp_path, running, rig, scenario)
    for at in itertools.count(2, 4):
        if not sweep.kill(at, workers=4).struck:
            break
    tell(capsys, f"{scenario.__name__}: four workers: {sweep.killed} points killed")
    assert sweep.killed > 10


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_stopped_at_each_call(tmp_path: Path, running: Running, rig: Rig, number: int) -> None:
    """Ctrl-C or SIGTERM at each call to the outside: 130 or 143, no traceback, and the next run ends it.

    A signal that comes when the last has been said finds a run that has ended as it should.
    """
    sweep = Sweep(tmp_path, running, rig, fresh)
    for at in itertools.count(1):
        victim = sweep.kill(at, number=number)
        if not victim.struck:
            break
        assert "Traceback" not in victim.err, victim
        assert victim.status == 128 + number or "5 requests: 5 created" in victim.err, victim
    assert sweep.killed > 40


# -- the same by another hand


CALLS = ("openat", "flock", "ftruncate", "write", "fsync", "close")
"""What is done with the journal and its lock."""
SOCKET_CALLS = ("socket", "connect", "sendto", "recvfrom")


def straced(call: str, trial: Trial, when: int) -> Ended:
    """A run from the program's start, which strace kills when a thread begins its `when`-th such call."""
    paths = (JOURNAL, f"{JOURNAL}.lock", trial.folder / JOURNAL, trial.folder / f"{JOURNAL}.lock")
    only = [word for path in paths for word in ("-P", str(path)) if call in CALLS]
    rule = f"--inject={call}:signal=KILL:when={when}"
    command = ["strace", "-f", "-qq", "-o", str(trial.folder / "trace"), *only, f"--trace={call}", rule]
    outcome = run_process([*command, *PROGRAM, *trial.arguments()], trial.folder)
    return Ended(outcome.status, when, outcome.status == -signal.SIGKILL, outcome.out, outcome.err)


@pytest.mark.long
@pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace, which kills at chosen calls")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_killed_by_strace(
    tmp_path: Path,
    running: Running,
    rig: Rig,
    scenario: Callable[[Trial], int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The program as it is started by a user, killed by strace at each call on journal, lock and socket.

    strace counts the calls of each thread and of each kind apart, so that the n-th one of any thread that
    comes first is struck: less than the sweeps above reach, and by a hand that is not ours.
    """
    begin = time.monotonic()
    sweep = Sweep(tmp_path, running, rig, scenario)
    for call in (*CALLS, *SOCKET_CALLS):
        for when in itertools.count(1):
            if not sweep.kill(when, by=functools.partial(straced, call)).struck:
                break
        assert when > 1, f"{call} was never struck"
    told = f"{scenario.__name__}: {sweep.killed} points killed by strace"
    tell(capsys, f"{told}, {time.monotonic() - begin:.0f} s")
    assert sweep.killed > 40


# -- in the middle of a body


@dataclass
class Big:
    """One connection of 20,000 hosts, sent through a relay."""

    running: Running
    relay: Relay
    folder: Path

    def __post_init__(self) -> None:
        """Write the list and the credentials, which are for the relay."""
        lines = [f"10.1.{i >> 8}.{i & 255} node-{i:05d}.{'x' * 60}.example.com\n" for i in range(20_000)]
        (self.folder / "list.hosts").write_text("".join(lines), "utf-8")
        address = self.relay.endpoint
        credentials(self.folder / "keys.json", self.running, endpoint=address, iam_endpoint=address)

    def start(self) -> Process:
        """Submit it."""
        arguments = (
            "submit", "list.hosts", "--name", "big", "--vpc", VPC, "--subnet", SUBNET, "--settle", "2",
            "--credentials", "keys.json", "--journal", JOURNAL, "--quiet",
        )  # fmt: skip
        return begin(*arguments, cwd=self.folder)

    def submit(self) -> str:
        """Submit it to the end; what was told."""
        with self.start() as process:
            out, _ = process.communicate()
        assert process.returncode == 0
        return out

    def check(self) -> None:
        """It is there exactly once, with all its hosts."""
        (stored,) = self.running.store.connections(name="big")
        assert stored.hosts_count == 20_000
        assert not read_journal(self.folder / JOURNAL).entries["big"].is_open


@pytest.mark.parametrize("rest_arrives", [False, True], ids=["half", "whole"])
def test_killed_in_the_middle_of_a_body(tmp_path: Path, running: Running, rest_arrives: bool) -> None:
    """A slow reader has taken half of a body of 2 MB when the program is killed.

    Then the rest is lost with the program, or comes after all, since the system had it already.
    """
    with Relay(running.endpoint) as relay:
        big = Big(running, relay, tmp_path)
        relay.hold_body(after=1_000_000, whole=rest_arrives)
        with big.start() as victim:
            assert relay.held.wait(60)
            victim.kill()
            assert victim.wait() == -signal.SIGKILL
            assert victim.stdout.read() == ""
        relay.let_go()
        assert big.submit().startswith("created: big, 20,000 hosts")
        big.check()
        assert len([a for a in running.log() if a["method"] == "POST" and a["status"] == 201]) == 1


# -- the checker of the benchmarks


@pytest.mark.long
@pytest.mark.parametrize("options", [("--seeds", "5"), ("--late",)], ids=["seeds", "late"])
def test_checker(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Small runs of `benchmarks/check_submit.py` find nothing wrong."""
    script = str(ROOT / "benchmarks" / "check_submit.py")
    small = ("--connections", "20", "--hosts", "200")
    outcome = run_process([sys.executable, script, *small, *options], tmp_path)
    assert outcome.status == 0, outcome


def test_checker_sees_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison finds a duplicate, a loss, a wrong host, what nobody planned, and a false word."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    check_submit = importlib.import_module("check_submit")
    names = ["fine", "twice", "lost", "altered", "false"]
    work = check_submit.Work(tmp_path, names, tmp_path / "plan", (), 4, 1.0)
    for name in names:
        work.list_of(name).write_text("ip,name\n10.0.0.1,one\n10.0.0.2,two\n", "utf-8")
    data = tmp_path / "data"
    store = Store(str(data))
    right = [{"ip": "10.0.0.2", "name": "two"}, {"ip": "10.0.0.1", "name": "one"}]
    place = {"dest_vpc_id": check_submit.VPC, "dest_network_id": check_submit.SUBNET}
    for name in ("fine", "twice", "twice", "altered", "false", "unplanned"):
        there = right[:1] if name == "altered" else right
        store.create(read_create(json.dumps({"name": name, "hosts": there} | place).encode()))
    (fine,) = store.connections(name="fine")
    (false,) = store.connections(name="false")
    store.close()
    assert list(check_submit.prove(work, data, [("fine", fine.id), ("false", fine.id)])) == [
        "twice is there 2 times",
        "lost is there 0 times",
        "altered is not as planned: 1 hosts",
        f"false was told to be there as {fine.id}, and is there as {false.id}",
        "unplanned was never planned",
    ]
