"""A quota, a pause before a call, and a server whose every create call is in doubt."""

from __future__ import annotations

import itertools
import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from accounts import account_at
from command import GOOD, Outcome
from raw_server import Raw, answer, serve
from submitting import run, submit

from importer.calling.calls import Answer, Call
from importer.sandbox.serve import Running, start
from importer.sending.retry import Clock, Halted, Reason, Retry, asked_in, seconds_of
from importer.sending.service import Gate, Service


def jobs(folder: Path, number: int) -> None:
    """A jobs file of so many connections."""
    lines = ['[defaults]\nvpc = "V"\nsubnet = "S"\n']
    lines += [f'[[connection]]\nname = "c{n}"\nhosts = ["10.0.0.1 c{n}"]\n' for n in range(number)]
    (folder / "jobs.toml").write_text("".join(lines), "utf-8")
    (folder / "good.hosts").write_bytes(GOOD)


def send_all(sandbox: Running, folder: Path, *arguments: str) -> Outcome:
    """Submit the jobs."""
    return run(sandbox, folder, "submit", "jobs.toml", "--settle", "0.3", *arguments)


# -- a quota


@pytest.mark.parametrize(("rate", "workers"), [(8, "4"), (8, "1"), (10, "8")])
def test_a_quota_is_overcome(rate: int, workers: str, tmp_path: Path) -> None:
    """One run comes to its end though many calls are turned away; each connection is created once."""
    jobs(tmp_path, 10)
    with start(rate=rate) as sandbox:
        done = send_all(sandbox, tmp_path, "--workers", workers)
        assert done.status == 0, done.err
        assert sorted(one.name for one in sandbox.store.connections()) == sorted(f"c{n}" for n in range(10))


def test_a_known_quota_is_kept(tmp_path: Path) -> None:
    """With --rate no call is turned away, and calls keep their distance."""
    jobs(tmp_path, 6)
    with start(rate=9) as sandbox:
        assert send_all(sandbox, tmp_path, "--rate", "8").status == 0
        assert all(arrival["status"] != 429 for arrival in sandbox.log())


def test_open_work_goes_first(tmp_path: Path) -> None:
    """What is not there yet is sent before what is there is read again."""
    jobs(tmp_path, 4)
    with start() as sandbox:
        send_all(sandbox, tmp_path)
        jobs(tmp_path, 6)
        before = len(sandbox.log())
        assert send_all(sandbox, tmp_path, "--workers", "1").status == 0
        methods = [arrival["method"] for arrival in sandbox.log()[before:]]
    assert methods == ["GET", "POST", "GET", "POST", "GET", "GET", "GET", "GET"]


def paced(rate: float, throttles: Callable[[int], bool]) -> tuple[list[float], Retry]:
    """The times of 200 calls of one worker, some of which are turned away."""
    now = 0.0
    times: list[float] = []

    def wait(seconds: float) -> None:
        nonlocal now
        now += seconds

    retry = Retry(Clock(lambda: now, lambda: now, wait, lambda: 0.5), rate=rate)
    for number in range(200):
        retry.turn()
        times.append(now)
        if throttles(number):
            retry.throttled("1", "429")
        else:
            retry.succeeded()
    return times, retry


def test_the_pace_sinks_and_rises() -> None:
    """Turned away, calls come slower; after many successes they come as they did."""
    times, _ = paced(0, lambda number: number in (0, 2, 4, 6))
    gaps = [later - sooner for sooner, later in itertools.pairwise(times)]
    assert gaps[7] == pytest.approx(0.4, rel=0.1)
    assert all(later <= sooner for sooner, later in itertools.pairwise(gaps[8:]))
    assert gaps[-1] < gaps[7] / 4
    times, _ = paced(0, lambda number: number == 0)
    assert times[-1] - times[-2] == 0, "a single one is soon forgotten"


def test_a_rate_is_a_distance() -> None:
    """Calls a second, at most."""
    times, _ = paced(4, lambda _: False)
    assert all(later - sooner == pytest.approx(0.25) for sooner, later in itertools.pairwise(times))


# -- Retry-After


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5, 5", 5.0),
        ("5.0", 5.0),
        ("5,5,5", 5.0),
        ("5.00, 5.00", 5.0),
        ("5.", None),
        (".0", None),
        ("5, 6", None),
    ],
)
def test_one_number_all_the_same(text: str, seconds: float | None) -> None:
    """A header that came twice, and a fraction of nothing."""
    assert seconds_of(text, 0.0) == seconds


@pytest.mark.parametrize("skew", [-86_400, 0, 86_400])
@pytest.mark.parametrize("status", [429, 503])
def test_a_skewed_clock(skew: int, status: int) -> None:
    """A date counts from the answer's own date; reads honour it, whatever the status."""
    there = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=skew)
    headers = {
        "Date": format_datetime(there, usegmt=True),
        "Retry-After": format_datetime(there + timedelta(seconds=42), usegmt=True),
    }
    assert asked_in(headers) == "42"
    times = _times([Answer(status, headers, b"", True), Answer(200, {}, b'{"connections": []}', True)])
    assert 42 <= times[1] - times[0] <= 63


def _times(answers: list[Answer]) -> list[float]:
    now = 0.0
    times: list[float] = []

    def wait(seconds: float) -> None:
        nonlocal now
        now += seconds

    def send(call: Call) -> Answer:
        times.append(now)
        return answers[len(times) - 1]

    clock = Clock(lambda: datetime(2026, 3, 1, tzinfo=UTC).timestamp(), lambda: now, wait, lambda: 0.5)
    Service(send, "http://x", Retry(clock), Gate()).find("mrs")
    return times


@pytest.mark.parametrize("text", ["0", "Thu, 01 Jan 1970 00:00:00 GMT", "0.0"])
def test_never_less_than_our_own_pause(text: str) -> None:
    """A server that asks for no pause gets one all the same."""
    throttled = Answer(429, {"Retry-After": text}, b"", True)
    times = _times([throttled, throttled, Answer(200, {}, b'{"connections": []}', True)])
    assert all(later - sooner >= 0.5 for sooner, later in itertools.pairwise(times))


@pytest.mark.parametrize("status", [400, 403])
def test_reads_are_throttled_by_code(status: int) -> None:
    """The gateway's code for throttling is that, whatever the status beside it."""
    body = json.dumps({"error_code": "APIGW.0308", "error_msg": "too many"}).encode()
    times = _times(
        [Answer(status, {"Retry-After": "3"}, body, True), Answer(200, {}, b'{"connections": []}', True)]
    )
    assert times[1] - times[0] >= 3


@pytest.mark.parametrize("status", [429, 503])
def test_too_long_a_pause_is_told(status: int) -> None:
    """Why a run was stopped early, with the time that was asked for."""
    with pytest.raises(Halted, match=r"asked to wait 3,600 s") as caught:
        _times([Answer(status, {"Retry-After": "3600"}, b"", True)])
    assert caught.value.reason is (Reason.THROTTLED if status == 429 else Reason.OUTAGE)


# -- a look-up grown old


@pytest.mark.parametrize("workers", ["1", "4"])
@pytest.mark.parametrize("equal", [True, False])
def test_behind_a_pause_it_is_looked_up_again(workers: str, equal: bool, tmp_path: Path) -> None:
    """While a throttled create call waits, somebody else makes one of that name: no second one is made."""
    with start(seed=1) as sandbox:
        (tmp_path / "good.hosts").write_bytes(GOOD)
        submit(sandbox, tmp_path, "--journal", "other")
        (theirs,) = sandbox.store.connections()
        sandbox.store.delete(theirs.id)
        sandbox.faults(["throttle:op=create,times=1,seconds=1"])
        before = len(sandbox.log())
        done = submit(sandbox, tmp_path, "--workers", workers)
        assert done.status == 0
        calls = [(one["method"], one["status"]) for one in sandbox.log()[before:]]
    assert calls == [("GET", 200), ("POST", 429), ("GET", 200), ("POST", 201)]


# -- a brake


@pytest.mark.parametrize(("status", "workers"), [(500, "4"), (500, "1"), (418, "4"), (418, "1")])
def test_every_create_call_in_doubt(status: int, workers: str, tmp_path: Path) -> None:
    """A server that answers each create call with what proves nothing is soon left, with 5 and the reason."""

    def script(server: Raw, sock: socket.socket) -> None:
        while True:
            get = server.take(sock).startswith(b"GET")
            server.send(sock, answer(b'{"connections": []}', 200) if get else answer(b"{}", status))

    jobs(tmp_path, 40)
    with serve(script) as server:
        done = _run_raw(tmp_path, server.url, workers)
    assert done.status == 5
    assert "create calls in a row nobody can tell" in done.err + done.out
    assert len(server.requests) <= 1.2 * 40
    assert sum(one.startswith(b"POST") for one in server.requests) <= 8


def _run_raw(folder: Path, url: str, workers: str) -> Outcome:
    from command import dli_hosts

    account = {"HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), **account_at(url)}
    arguments = ("submit", "jobs.toml", "--endpoint", url, "--settle", "0.3", "--workers", workers)
    return dli_hosts(*arguments, cwd=folder, env=account)
