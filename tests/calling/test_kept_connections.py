"""Kept connections: interim answers before the right one, and a connection that idled before a POST."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import GOOD
from raw_server import Raw, answer, head, keeps, serve
from submitting import live, run

from importer.calling import transport as module
from importer.calling.calls import Answer, Call, Failure, Phase
from importer.calling.transport import Transport
from importer.sandbox.serve import start

ONE, TWO = answer(b'{"n": 1}', 200), answer(b'{"n": 2}', 200)
HINTS = head(103, "Link: </a>; rel=preload")
INTERIM = {
    "100": head(100),
    "102": head(102),
    "103": HINTS,
    "103 without fields": b"HTTP/1.1 103\r\n\r\n",
    "three kinds": head(102) + HINTS + head(100),
    "199, never heard of": head(199, "X: y"),
}


def calls(server: Raw, *methods: str) -> Iterator[Answer | Failure]:
    """Calls on one transport."""
    with contextlib.closing(Transport(deadline=10)) as transport:
        for method in methods:
            yield transport.send(Call(method, server.url + "/x", {}, b"{}" if method == "POST" else b""))


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("interim", INTERIM.values(), ids=INTERIM)
def test_interim_answers_are_read_over(interim: bytes, method: str) -> None:
    """Each call gets its own answer, over one kept connection."""
    with serve(keeps(interim + ONE, interim + TWO)) as server:
        found = list(calls(server, method, method))
        assert server.connections == 1
    assert [(one.status, one.body) for one in found if isinstance(one, Answer)] == [
        (200, b'{"n": 1}'),
        (200, b'{"n": 2}'),
    ]


def test_an_interim_answer_in_pieces() -> None:
    """The right answer may come long after the interim one."""
    late = threading.Event()

    def script(server: Raw, sock: socket.socket) -> None:
        for whole in (ONE, TWO):
            server.take(sock)
            for part in (HINTS[:9], HINTS[9:], whole):
                server.send(sock, part)
                late.wait(0.05)

    with serve(script) as server:
        assert [one.body for one in calls(server, "GET", "GET") if isinstance(one, Answer)] == [
            b'{"n": 1}',
            b'{"n": 2}',
        ]


@pytest.mark.parametrize(
    "data", [HINTS * 1_000 + ONE, head(101, "Upgrade: x") + ONE], ids=["a thousand", "101"]
)
def test_what_never_comes_to_an_answer(data: bytes) -> None:
    """Such a connection is given up: what comes on it later belongs to no other call."""
    with serve(keeps(data)) as server:
        first, second = calls(server, "POST", "GET")
        assert server.connections == 2
    for one in (first, second):
        assert isinstance(one, Failure)
        assert one.phase is Phase.AFTER


@pytest.mark.parametrize("workers", ["1", "4"])
def test_existing_connections_stay_single(tmp_path: Path, workers: str) -> None:
    """Before each answer of the service come interim ones: all is found that is there."""
    jobs = ['[defaults]\nvpc = "V"\nsubnet = "S"\n']
    jobs += [f'[[connection]]\nname = "c{n}"\nhosts = ["10.0.0.1 c{n}"]\n' for n in range(8)]
    (tmp_path / "jobs.toml").write_text("".join(jobs), "utf-8")
    (tmp_path / "good.hosts").write_bytes(GOOD)
    with start(seed=1) as sandbox:
        for journal in ("one", "two"):
            if journal == "two":
                sandbox.faults(["interim:op=any"])
            done = run(sandbox, tmp_path, "submit", "jobs.toml", "--journal", journal, "--workers", workers)
            assert done.status == 0
        assert sorted(live(sandbox)) == [(f"c{n}", 1) for n in range(8)]


@pytest.mark.parametrize(("method", "connections"), [("GET", 1), ("POST", 2)])
def test_an_idle_connection_is_not_used_for_a_post(
    method: str, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server closes what idles, perhaps just as the call goes out; a POST could not be repeated then."""
    monkeypatch.setattr(module, "IDLE", -1.0)
    with serve(keeps(ONE)) as server:
        assert all(isinstance(one, Answer) for one in calls(server, "GET", method))
        assert server.connections == connections


def test_whatever_fails_before_the_first_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """No memory, no thread: nothing was sent, and that is told."""

    def nothing(*_: object, **__: object) -> None:
        raise MemoryError

    with serve(keeps(ONE)) as server:
        monkeypatch.setattr(socket, "getaddrinfo", nothing)
        (one,) = calls(server, "POST")
        assert server.connections == 0
    assert isinstance(one, Failure)
    assert one.phase is Phase.CONNECT
