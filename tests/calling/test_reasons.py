"""Each cause for which there is no connection has words of its own, and some stop a run at once."""

from __future__ import annotations

import contextlib
import socket

import pytest
from raw_server import answer, hangs, keeps, says, serve

from importer.calling.calls import Answer, Call, Failure, Phase
from importer.calling.transport import Network, Transport

HOST = "https://dli.cn-north-4.myhuaweicloud.com"


def through(proxy: str) -> Answer | Failure:
    """A call to the cloud through a proxy."""
    with contextlib.closing(Transport(Network({HOST: proxy}), deadline=10)) as transport:
        return transport.send(Call("POST", HOST + "/x", {}, b"{}"))


@pytest.mark.parametrize(
    ("status", "phase", "words"),
    [
        (407, Phase.TLS, "the proxy asks for a user and a password"),
        (403, Phase.TLS, "the proxy does not let this server through"),
        (503, Phase.CONNECT, "the proxy cannot reach the server"),
        (502, Phase.CONNECT, "the proxy cannot reach the server"),
    ],
)
def test_a_proxy_that_refuses(status: int, phase: Phase, words: str) -> None:
    """Told with its status, and asked once."""
    with serve(says(answer(b"canary", status))) as proxy:
        result = through(proxy.url)
        assert len(proxy.requests) == 1
    assert isinstance(result, Failure)
    assert (result.phase, result.text.partition(" (")[0]) == (phase, words)
    assert str(status) in result.text
    assert "canary" not in result.text


def test_a_proxy_that_is_down() -> None:
    """It is the proxy, and not the service, that does not answer."""
    with serve(hangs) as server:
        url = server.url
    result = through(url)
    assert result == Failure(Phase.CONNECT, "the proxy cannot be reached: connection refused")


def test_no_such_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name without an address is told as such."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with contextlib.closing(Transport(deadline=10)) as transport:
        result = transport.send(Call("GET", HOST + "/x", {}))
    assert result == Failure(Phase.CONNECT, "the server cannot be reached: no such host")


@pytest.mark.parametrize("coding", ["identity", "Identity", "IDENTITY ", ""])
def test_identity_is_no_coding(coding: str) -> None:
    """In any case, and empty."""
    with (
        serve(keeps(answer(b"{}", 200, f"Content-Encoding: {coding}"))) as server,
        contextlib.closing(Transport(deadline=10)) as transport,
    ):
        result = transport.send(Call("GET", server.url + "/x", {}))
    assert isinstance(result, Answer)
    assert result.complete
