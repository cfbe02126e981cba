"""Servers and proxies without end: a call ends by its deadline, a look-up by its bounds, and both say why."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from raw_server import Raw, Script, answer, says, serve

from importer.calling.calls import Answer, Call, Failure, Phase
from importer.calling.transport import MiB, Network, Transport
from importer.planning.identity import Identity, identity_of_body
from importer.sending import service as module
from importer.sending.outcome import said_by
from importer.sending.retry import Clock, Retry
from importer.sending.service import Gate, LookUpFailed, Service

HOST = "https://dli.cn-north-4.myhuaweicloud.com"


# -- a proxy


def after_connect(*parts: bytes, pause: float = 0.01) -> Script:
    """Take CONNECT, send these parts, and the last one again and again."""

    def script(server: Raw, sock: socket.socket) -> None:
        server.take(sock)
        waiting = threading.Event()
        for part in itertools.chain(parts, itertools.repeat(parts[-1])):
            server.send(sock, part)
            waiting.wait(pause)

    return script


PROXIES = {
    "fields without an end": after_connect(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    "a field, byte by byte": after_connect(b"HTTP/1.1 200 OK\r\nX-A: ", b"b", pause=0.02),
    "the status, byte by byte": after_connect(b"HTTP/1.1 2", b"0", pause=0.02),
    "a refusal whose fields do not end": after_connect(b"HTTP/1.1 502 Bad\r\n", b"X-A: b\r\n"),
    "a flood of fields": after_connect(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 5_000, pause=0.001),
    "a handshake that drips": after_connect(
        b"HTTP/1.1 200 OK\r\n\r\n\x16\x03\x03\x40\x00", b"\x02", pause=0.02
    ),
    "nothing": after_connect(b"", pause=0.5),
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("kind", PROXIES)
def test_a_proxy_without_an_end(kind: str, method: str) -> None:
    """The connection is watched from its first byte on, so that nothing was sent is known."""
    with (
        serve(PROXIES[kind]) as proxy,
        contextlib.closing(Transport(Network({HOST: proxy.url}), deadline=0.4)) as transport,
    ):
        for _ in range(2):
            result = transport.send(Call(method, HOST + "/x", {}, b"{}" if method == "POST" else b""))
            assert isinstance(result, Failure)
            assert result.phase in (Phase.CONNECT, Phase.TLS)
        assert all(request.startswith(b"CONNECT ") for request in proxy.requests)


def test_no_handle_is_left() -> None:
    """Of a connection that stood, and of one that was given up."""
    before = len(os.listdir("/proc/self/fd"))
    for script in (says(answer(b"{}", 200)), lambda server, sock: None):
        with serve(script) as server, contextlib.closing(Transport(deadline=5)) as transport:
            for _ in range(3):
                transport.send(Call("GET", server.url + "/x", {}))
    with (
        serve(PROXIES["nothing"]) as proxy,
        contextlib.closing(Transport(Network({HOST: proxy.url}), deadline=0.1)) as transport,
    ):
        transport.send(Call("GET", HOST + "/x", {}))
    assert len(os.listdir("/proc/self/fd")) == before


# -- lists


def virtual() -> Clock:
    """A clock that does not wait."""
    return Clock(lambda: 0.0, lambda: 0.0, lambda seconds: None, lambda: 0.0)


def finder(pages: Callable[[int], bytes]) -> Service:
    """A service whose list has these pages, by the number of the call."""
    numbers = itertools.count()

    def send(call: Call) -> Answer:
        return Answer(200, {}, pages(next(numbers)), True)

    return Service(send, "http://x", Retry(virtual()), Gate())


def item(**fields: object) -> dict[str, object]:
    """A connection of a list."""
    return {"id": "i", "name": "mrs", "status": "ACTIVE", "dest_vpc_id": "V", "dest_network_id": "S"} | fields


def page(*items: dict[str, object]) -> bytes:
    """An answer of a list."""
    return json.dumps({"connections": items}).encode()


@pytest.mark.parametrize("status", ["ACTIVE", "DELETED"])
@pytest.mark.parametrize("key", ["i" * 65, "i" * 1_000_000, "a/b", "", 7, None, {"a": "b"}])
def test_ids_are_looked_at_first(key: object, status: str) -> None:
    """What is no id is not kept, of a deleted connection either."""
    with pytest.raises(LookUpFailed, match=r"without name or id|not as documented"):
        finder(lambda n: page(item(id=key, status=status))).find("mrs")


def test_a_list_of_one_name_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many connections are kept, and no more."""
    monkeypatch.setattr(module, "MOST_OF_A_NAME", 7)
    hosts = [{"ip": "10.0.0.1", "name": "h"}]
    with pytest.raises(LookUpFailed, match="more than 7 connections have this name"):
        finder(lambda n: page(item(id=f"i{n}", hosts=hosts))).find("mrs")


def test_a_list_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many bytes are read, and no more."""
    monkeypatch.setattr(module, "MOST_BYTES", 1 << 20)
    calls = itertools.count()
    with pytest.raises(LookUpFailed, match="larger than"):
        finder(lambda n: page(item(id=f"i{next(calls)}", name="other", err="x" * 10_000))).find("mrs")
    assert next(calls) < 120


def fillers() -> Iterator[tuple[str, bytes]]:
    """Bodies of many values in few bytes."""
    for part in (b"[],", b"{},", b"1,", b'"ab",', b"[[", b'{"":'):
        yield part.decode(), b'{"connections": [' + part * (8 * MiB // len(part))


@pytest.mark.parametrize("body", [body for _, body in fillers()], ids=[name for name, _ in fillers()])
def test_many_values_in_few_bytes(body: bytes) -> None:
    """They are counted before they are made."""
    tracemalloc.start()
    try:
        evidence = said_by(Answer(200, {}, body, True)).evidence
        assert tracemalloc.get_traced_memory()[1] < 3 * len(body)
    finally:
        tracemalloc.stop()
    assert "more than 1,000,000 values" in evidence


# -- what else a list may show


def wanted() -> Identity:
    """What is looked for."""
    body = {"dest_vpc_id": "V", "dest_network_id": "S", "hosts": [{"ip": "10.0.0.1", "name": "h"}]}
    return identity_of_body(body)


HOSTS = [{"ip": "10.0.0.1", "name": "h"}]


def found(listed: dict[str, object], shown: bytes | None = None, like: Identity | None = None) -> list[str]:
    """Ids that a look-up gives, where a read by the id shows this."""
    empty = iter([page(listed), page()])

    def send(call: Call) -> Answer:
        if "?" in call.url:
            return Answer(200, {}, next(empty), True)
        return Answer(404 if shown is None else 200, {}, shown or b'{"error_code": "DLI.0002"}', True)

    service = Service(send, "http://x", Retry(virtual()), Gate())
    return [f"{one.id} {one.identity.count}" for one in service.find("mrs", like)]


@pytest.mark.parametrize("hosts", [{}, {"hosts": []}, {"hosts": None}])
def test_a_list_without_hosts(hosts: dict[str, object]) -> None:
    """A read by the id shows them; what that does not find stays as it was listed."""
    whole = json.dumps(item(hosts=HOSTS)).encode()
    assert found(item(**hosts), whole, wanted()) == ["i 1"]
    assert found(item(**hosts), None, wanted()) == ["i 0"]
    assert found(item(**hosts), json.dumps(item(status="DELETED")).encode(), wanted()) == []


@pytest.mark.parametrize(
    ("name", "vpc", "there"),
    [("mrs", "V", True), ("MRS", "V", True), ("MRS", "W", False), ("mrs2", "V", False)],
)
def test_names_in_another_case(name: str, vpc: str, there: bool) -> None:
    """One that is equal in all else is the wanted one; another one may have such a name."""
    assert found(item(name=name, dest_vpc_id=vpc, hosts=HOSTS), None, wanted()) == ["i 1"] * there
    assert found(item(name=name, hosts=HOSTS)) == ["i 1"] * (name == "mrs")


@pytest.mark.parametrize(
    ("status", "told"), [("ACTIVE", ""), ("Active", ""), ("CREATING", "CREATING"), ("x\x1b", "X")]
)
def test_a_status_that_is_neither(status: str, told: str) -> None:
    """It is told, as something that is not ready."""
    (one,) = finder(lambda n: page(*[item(status=status, hosts=HOSTS)] * (n == 0))).find("mrs")
    assert one.pending.startswith(f"the connection is {told}") if told else one.pending == ""
    assert one.pending.isprintable()
