"""Ctrl-C once ends a run in order, twice at once; SIGTERM as once; the run after it ends what is left."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from begun import Process, begin
from command import dli_hosts
from killing import created_lines
from relaying import Relay

from importer.sandbox.serve import Running, start
from importer.sending.history import read_journal

KEYS = ("endpoint", "iam_endpoint", "project_id", "access_key", "secret_key", "token")
NAMES = ("first", "second", "third")
STOPPING = "stopping: calls under way are finished first; a second signal stops at once"
PATIENCE = 60
"""Seconds after which a test fails rather than waits on."""
BOTH = pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)],
    ids=["SIGINT", "SIGTERM", "SIGHUP"],
)


@pytest.fixture
def running() -> Iterator[Running]:
    """A sandbox without faults."""
    with start() as made:
        yield made


@pytest.fixture
def relay(running: Running) -> Iterator[Relay]:
    """A relay before it."""
    with Relay(running.endpoint) as made:
        yield made


class Victim:
    """A run of three small connections, one at a time, in a process of its own."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.out: IO[str] = process.stdout
        self.err: IO[str] = process.stderr
        self.talk = ""

    def wait_for(self, words: str) -> None:
        """Read what it says until a line has these words."""
        for line in self.err:
            self.talk += line
            if words in line:
                return
        raise AssertionError(f"{words!r} is not in {self.talk!r}")

    def sends(self, running: Running, method: str) -> None:
        """Wait until a call of this method about the first connection has come in."""
        while not any((a["method"], a["name"]) == (method, NAMES[0]) for a in running.log()):
            assert self.process.poll() is None, "it has ended"
            os.sched_yield()

    def stop(self, number: int) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def end(self) -> tuple[int, str]:
        """Status, and what is on standard output; not by `communicate`, which misses what was read ahead."""
        late = threading.Timer(PATIENCE, self.process.kill)
        late.start()
        self.talk += self.err.read()
        out = self.out.read()
        status = self.process.wait()
        late.cancel()
        assert "Traceback" not in self.talk, self.talk
        return status, out


@contextlib.contextmanager
def victim(folder: Path, running: Running, endpoint: str, *options: str) -> Iterator[Victim]:
    """Start a run; it is killed if the test ends before it."""
    jobs = ['[defaults]\nvpc = "v"\nsubnet = "s"\n']
    jobs += [f'[[connection]]\nname = "{name}"\nhosts = ["10.0.0.1 {name}"]\n' for name in NAMES]
    (folder / "jobs.toml").write_text("".join(jobs), "utf-8")
    keys = folder / "keys.json"
    keys.touch(0o600)
    told = {key: getattr(running, key) for key in KEYS} | {"endpoint": endpoint, "iam_endpoint": endpoint}
    keys.write_text(json.dumps(told), "utf-8")
    command = (
        "submit", "jobs.toml", "--credentials", "keys.json", "--journal", "journal",
        "--workers", "1", "--settle", "0.5", *options,
    )  # fmt: skip
    with begin(*command, cwd=folder) as process:
        try:
            yield Victim(process)
        finally:
            process.kill()


def submit_again(folder: Path, running: Running, endpoint: str) -> None:
    """Without faults the same command ends well: each connection is there once, and told as it is."""
    running.faults([])
    with victim(folder, running, endpoint) as again:
        status, out = again.end()
    assert status == 0, again.talk
    live = {one.name: one.id for one in running.store.connections(status="ACTIVE")}
    assert sorted(live) == sorted(NAMES)
    assert len(running.store.connections()) == len(NAMES)
    assert dict(created_lines(out)) == live
    assert not any(entry.is_open for entry in read_journal(folder / "journal").entries.values())


def unfinished(folder: Path) -> list[str]:
    """What `status` says of the last run, which goes with its exit status; with the command behind it."""
    outcome = dli_hosts("status", "journal", cwd=folder)
    lines = outcome.out.splitlines()
    told = [line for line in lines if " the last run " in f" {line}"]
    for line in told:
        assert lines[lines.index(line) + 1].startswith("  dli-hosts submit jobs.toml ")
    assert outcome.status == (5 if told else 0)
    return told


@BOTH
def test_once(tmp_path: Path, running: Running, relay: Relay, number: int, status: int) -> None:
    """The call under way is brought to its end and told; nothing new is begun; the way to go on is said."""
    relay.hold_answer()
    with victim(tmp_path, running, relay.endpoint) as run:
        assert relay.held.wait(PATIENCE)
        run.stop(number)
        run.wait_for(STOPPING)
        assert run.process.poll() is None
        relay.let_go()
        ended, out = run.end()
    assert ended == status
    first, *others = out.splitlines()
    assert first.startswith("created: first, 1 host, id ")
    assert others == [
        f"not-begun: {name}, 1 host (the run was stopped before: stopped)" for name in NAMES[1:]
    ]
    assert "to go on, run the same command again: dli-hosts submit jobs.toml " in run.talk
    assert "3 requests: 1 created, 2 not sent" in run.talk
    assert [a["name"] for a in running.log() if a["method"] == "POST"] == ["first"]
    assert unfinished(tmp_path) == ["2 requests of the last run not sent; to go on, run:"]
    submit_again(tmp_path, running, relay.endpoint)
    assert unfinished(tmp_path) == []


@BOTH
def test_twice(tmp_path: Path, running: Running, relay: Relay, number: int, status: int) -> None:
    """The second one ends it while the answer is still awaited; the intent is cleared up by the next run."""
    relay.hold_answer()
    with victim(tmp_path, running, relay.endpoint) as run:
        assert relay.held.wait(PATIENCE)
        run.stop(number)
        run.wait_for(STOPPING)
        run.stop(number)
        ended, out = run.end()
    assert (ended, out) == (status, "")
    assert read_journal(tmp_path / "journal").entries["first"].state == "intent"
    assert unfinished(tmp_path) == [
        "the last run has not come to its end: it is still at work, or was cut off; to go on, run:"
    ]
    relay.let_go()
    submit_again(tmp_path, running, relay.endpoint)


@BOTH
def test_once_with_a_server_that_hangs(tmp_path: Path, running: Running, number: int, status: int) -> None:
    """A call that is never answered ends by its time-out, and is told as unknown, with the way to go on."""
    running.faults(["hang:name=first,seconds=60"])
    with victim(tmp_path, running, running.endpoint, "--timeout", "2") as run:
        run.wait_for("submitting 3 requests")
        run.sends(running, "POST")
        run.stop(number)
        run.wait_for(STOPPING)
        ended, out = run.end()
    assert ended == status
    assert out.startswith("unknown: first, 1 host (no whole answer within 2 s; stopped)")
    assert "run the command again, it looks them up first\n" in run.talk
    assert "may create one twice; the next run tells):\n  dli-hosts submit jobs.toml " in run.talk
    assert read_journal(tmp_path / "journal").entries["first"].is_open
    submit_again(tmp_path, running, running.endpoint)


@BOTH
@pytest.mark.parametrize(
    ("rule", "method", "told"),
    [
        ("error-500:name=first", "POST", "unknown: first"),
        ("throttle:name=first,seconds=200", "POST", "not-sent: first"),
        ("throttle:op=list,name=first,seconds=200", "GET", "not-sent: first"),
    ],
    ids=["settling", "throttled", "throttled-look-up"],
)
def test_once_while_it_waits(
    tmp_path: Path, running: Running, number: int, status: int, rule: str, method: str, told: str
) -> None:
    """A run that waits, for a window of minutes or for the gateway, does not wait on."""
    running.faults([rule])
    with victim(tmp_path, running, running.endpoint, "--settle", "300") as run:
        run.wait_for("submitting 3 requests")
        run.sends(running, method)
        run.stop(number)
        run.wait_for(STOPPING)
        ended, out = run.end()
    assert ended == status
    assert out.startswith(told), out
    assert "dli-hosts submit jobs.toml " in run.talk


def test_before_anything_is_sent(tmp_path: Path, running: Running, relay: Relay) -> None:
    """A signal while lists are still read ends the run as that of any other verb."""
    fifo = tmp_path / "list.hosts"
    os.mkfifo(fifo)
    with victim(tmp_path, running, relay.endpoint) as run:
        run.process.kill()
    command = ("submit", "list.hosts", "--name", "n", "--vpc", "v", "--subnet", "s",
               "--credentials", "keys.json", "--journal", "none")  # fmt: skip
    with begin(*command, cwd=tmp_path) as process, fifo.open("wb"):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert err == "dli-hosts: interrupted\n"
    assert not (tmp_path / "none").exists()
