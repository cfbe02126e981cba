"""One call, over real sockets: what fails before anything is sent, what leaks, what is kept, what ends it."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from raw_server import Raw, answer, drips, hangs, head, keeps, resets, says, serve

from importer.calling import transport as module
from importer.calling.calls import Answer, Call, Failure, Phase
from importer.calling.transport import Network, Transport
from importer.sending.outcome import Meaning, meaning_of

trustme = pytest.importorskip("trustme")

GOOD = answer(b'{"is_success": true, "connection_id": "c-1"}')
SECRET = "canary-of-a-header"


def send(url: str, *, deadline: float = 20.0, network: Network | None = None) -> Answer | Failure:
    """One create call."""
    with contextlib.closing(Transport(network, deadline=deadline)) as transport:
        return transport.send(Call("POST", url + "/v2.0/p/x", {"X-Auth-Token": SECRET}, b'{"name": "mrs"}'))


def not_sent(result: Answer | Failure, phase: Phase = Phase.CONNECT) -> None:
    """Nothing was sent, and the policy is told so."""
    assert isinstance(result, Failure), result
    assert result.phase is phase
    outcome = meaning_of(result)
    assert (outcome.meaning, outcome.stops) == (Meaning.NOT_SENT, phase is Phase.TLS)


# -- before anything is sent


def test_refused() -> None:
    """Nobody listens."""
    with serve(hangs) as server:
        url = server.url
    result = send(url)
    not_sent(result)
    assert result == Failure(Phase.CONNECT, "the server cannot be reached: connection refused")


def test_no_such_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name has no address."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    not_sent(send("http://dli.invalid:1"))


@pytest.mark.parametrize(
    "url", ["http://" + "a" * 64 + ".invalid", "http://", "http://[::1", "ftp://127.0.0.1"]
)
def test_no_url(url: str) -> None:
    """What cannot be called is not called, and raises nothing."""
    not_sent(send(url))


def test_no_connection_in_time() -> None:
    """Nobody accepts: the queue of the listener is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        result = send(f"http://127.0.0.1:{listener.getsockname()[1]}", deadline=0.3)
    not_sent(result)
    assert result == Failure(Phase.CONNECT, "no connection in time")


class Certificates:
    """An authority, and a server's certificates of all kinds."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.bundle = str(folder / "ca.pem")
        self.authority.cert_pem.write_to_path(self.bundle)

    def context(self, *names: str, expired: bool = False, authority: object = None) -> ssl.SSLContext:
        """A server's context with a certificate for these names."""
        past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC) if expired else None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (authority or self.authority).issue_cert(*names, not_after=past).configure_cert(context)
        return context


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """One authority for all tests."""
    return Certificates(tmp_path_factory.mktemp("ca"))


def test_tls(certificates: Certificates) -> None:
    """A server that the authorities vouch for is called, and a kept connection is used again."""
    network = Network(verify=certificates.bundle)
    with serve(keeps(GOOD), certificates.context("127.0.0.1")) as server:
        with contextlib.closing(Transport(network)) as transport:
            for _ in range(3):
                result = transport.send(Call("POST", server.url, {}, b"{}"))
                assert meaning_of(result).meaning is Meaning.CREATED
        assert (server.connections, len(server.requests)) == (1, 3)


@pytest.mark.parametrize("fault", ["unknown authority", "wrong host", "expired", "self-signed", "usual ones"])
def test_tls_refused(fault: str, certificates: Certificates) -> None:
    """A server that is not who it should be gets not one byte of a request, and the run is to end."""
    network = Network(verify=True if fault == "usual ones" else certificates.bundle)
    names = ["dli.example.com"] if fault == "wrong host" else ["127.0.0.1"]
    authority = trustme.CA() if fault in ("unknown authority", "self-signed") else None
    context = certificates.context(*names, expired=fault == "expired", authority=authority)
    with serve(says(GOOD), context) as server:
        result = send(server.url, network=network)
        assert server.requests == []
    not_sent(result, Phase.TLS)
    unknown = "is by an authority that is not known here (--ca-bundle FILE names more)"
    words = {
        "wrong host": "is for another name (check the endpoint)",
        "expired": "has expired (check the clock)",
    }.get(fault, unknown)
    assert result == Failure(Phase.TLS, f"TLS: the server's certificate {words}")


def test_old_tls_is_refused(certificates: Certificates) -> None:
    """TLS 1.1 and older are not spoken."""
    context = certificates.context("127.0.0.1")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with serve(says(GOOD), context) as server:
        not_sent(send(server.url, network=Network(verify=certificates.bundle)), Phase.TLS)
        assert server.requests == []


def test_https_to_a_server_without_tls() -> None:
    """A server that answers in clear text is not who it should be, and sees nothing of the request."""
    seen = []

    def clear(server: Raw, sock: socket.socket) -> None:
        seen.append(sock.recv(1 << 16))
        server.send(sock, answer(b"no TLS here", 400))

    with serve(clear) as server:
        not_sent(send(server.url.replace("http:", "https:")), Phase.TLS)
    assert SECRET.encode() not in seen[0]


def test_http_to_a_server_with_tls(certificates: Certificates) -> None:
    """A request in clear text was sent, whatever a TLS server makes of it: unknown."""
    with serve(says(GOOD), certificates.context("127.0.0.1")) as server:
        result = send(server.url.replace("https:", "http:"))
    assert meaning_of(result).meaning is Meaning.UNKNOWN


def test_a_handshake_that_hangs() -> None:
    """A server that accepts and never speaks TLS is one that was not reached."""

    def silent(server: Raw, sock: socket.socket) -> None:
        sock.recv(1 << 16)
        sock.recv(1)

    with serve(silent) as server:
        not_sent(send(server.url.replace("http:", "https:"), deadline=0.3))


def test_a_handshake_that_drips() -> None:
    """One that sends the beginning of a handshake byte by byte is given up too."""

    def slow(server: Raw, sock: socket.socket) -> None:
        sock.recv(1 << 16)
        waiting = threading.Event()
        for byte in itertools.chain(b"\x16\x03\x03\x40\x00", itertools.repeat(2)):
            sock.sendall(bytes([byte]))
            waiting.wait(0.02)

    with serve(slow) as server:
        not_sent(send(server.url.replace("http:", "https:"), deadline=0.3))


@pytest.mark.parametrize("said", ["", "407 Proxy Authentication Required", "502 Bad Gateway", "garbage"])
def test_a_proxy_that_refuses(said: str) -> None:
    """A proxy that makes no tunnel passes nothing on, and sees none of the request's header fields."""
    seen = []

    def proxy(server: Raw, sock: socket.socket) -> None:
        seen.append(sock.recv(1 << 16))
        server.send(sock, f"HTTP/1.1 {said}\r\n\r\n".encode() if said else b"")

    with serve(proxy) as server:
        result = send("https://dli.example.com", network=Network({"https://dli.example.com": server.url}))
    not_sent(result, Phase.TLS if said.startswith("407") else Phase.CONNECT)
    assert seen[0].startswith(b"CONNECT dli.example.com:443 ")
    assert SECRET.encode() not in seen[0]


def test_a_broken_tls_connection_is_unknown(certificates: Certificates) -> None:
    """A TLS connection that ends without an answer is no matter of certificates: the request was sent."""
    network = Network(verify=certificates.bundle)
    for script in (resets(None), says(b""), resets(None, head(length=100) + b"{")):
        with serve(script, certificates.context("127.0.0.1")) as server:
            result = send(server.url, network=network)
            assert meaning_of(result).meaning is Meaning.UNKNOWN
            assert len(server.requests) == 1
            assert not isinstance(result, Failure) or "certificate" not in result.text


# -- what ends a call


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("data", [b"", head(201, "X-A: " + "a" * 5_000), head(length=5_000) + b" " * 5_000])
def test_deadline(tls: bool, data: bytes, certificates: Certificates) -> None:
    """A call ends by its deadline though bytes come in all the time; the connection is not used again."""
    context = certificates.context("127.0.0.1") if tls else None
    network = Network(verify=certificates.bundle)
    with serve(drips(data, 0.02) if data else hangs, context) as server:
        with contextlib.closing(Transport(network, deadline=0.4)) as transport:
            for number in (1, 2):
                result = transport.send(Call("POST", server.url, {}, b"{}"))
                assert meaning_of(result).meaning is Meaning.UNKNOWN
                assert server.connections == number
        assert len(server.requests) == 2


def test_a_server_that_does_not_read() -> None:
    """A body that nobody takes is given up at the deadline; some of it was sent."""

    over = threading.Event()

    def deaf(server: Raw, sock: socket.socket) -> None:
        over.wait(20)

    with serve(deaf) as server, contextlib.closing(Transport(deadline=0.5)) as transport:
        result = transport.send(Call("POST", server.url, {}, b"x" * (32 << 20)))
        over.set()
        assert isinstance(result, Failure)
        assert result.phase is Phase.AFTER


def test_no_thread_is_left() -> None:
    """The watch over the deadline ends with its call."""
    before = threading.active_count()
    with serve(keeps(GOOD)) as server, contextlib.closing(Transport(deadline=60)) as transport:
        for _ in range(20):
            transport.send(Call("GET", server.url, {}))
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(5)
    assert threading.active_count() <= before


# -- what is sent


@contextlib.contextmanager
def _home(folder: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> Iterator[None]:
    (folder / ".netrc").write_text("machine 127.0.0.1 login evil password evil\ndefault login a password b\n")
    (folder / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("NETRC", str(folder / ".netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, url)
    yield


def test_what_a_request_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exactly the given fields and a few of HTTP's own: nothing of .netrc, proxies or cookies."""
    with serve(hangs) as proxy, serve(keeps(answer(b"{}", 200, "Set-Cookie: a=b; Path=/"))) as server:
        with (
            _home(tmp_path, monkeypatch, proxy.url),
            contextlib.closing(Transport(deadline=5)) as transport,
        ):
            for _ in range(2):
                transport.send(Call("POST", server.url + "/x?a=1", {"Authorization": "mine"}, b'{"a": 1}'))
            transport.send(Call("GET", server.url + "/x", {"Authorization": "mine"}))
        assert proxy.connections == 0
    first, second, third = server.requests
    assert first == second
    top, _, body = first.partition(b"\r\n\r\n")
    line, *fields = top.decode().split("\r\n")
    assert (line, body) == ("POST /x?a=1 HTTP/1.1", b'{"a": 1}')
    assert dict(field.split(": ", 1) for field in fields) == {
        "Host": f"127.0.0.1:{server.port}",
        "User-Agent": "dli-hosts",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Authorization": "mine",
        "Connection": "keep-alive",
        "Content-Length": "8",
    }
    assert b"Cookie" not in third
    assert b"Content-Length" not in third


@pytest.mark.parametrize("path", ["/a%20b", "/x?name=a%2Fb&limit=2", "/x?a=%5E&b=~", "/%e4%bd%a0"])
def test_the_url_is_sent_as_given(path: str) -> None:
    """The signature covers path and query, so they are sent as they were signed."""
    with serve(says(GOOD)) as server, contextlib.closing(Transport()) as transport:
        transport.send(Call("GET", server.url + path, {}))
    sent = server.requests[0].split(b" ")[1].decode()
    assert sent.lower() == path.lower()


@pytest.mark.parametrize(
    "script", [resets(None), resets(0), says(b""), says(answer(b"", 503, "Retry-After: 0"))]
)
def test_nothing_is_sent_twice(script: object) -> None:
    """The library repeats nothing of its own accord, neither a create call nor a read."""
    for method in ("POST", "GET"):
        with serve(script) as server, contextlib.closing(Transport()) as transport:  # type: ignore[arg-type]
            meaning = meaning_of(transport.send(Call(method, server.url, {}))).meaning
            assert meaning in (Meaning.UNKNOWN, Meaning.NOT_SENT)
            assert meaning is Meaning.UNKNOWN or not server.requests
            assert server.connections == 1


def test_a_kept_connection_that_the_server_closed() -> None:
    """A connection that was closed meanwhile is noticed and replaced before anything is sent."""
    ended = threading.Event()

    def once(server: Raw, sock: socket.socket) -> None:
        server.take(sock)
        server.send(sock, GOOD)
        sock.shutdown(socket.SHUT_RDWR)
        ended.set()

    with serve(once) as server, contextlib.closing(Transport()) as transport:
        for number in (1, 2, 3):
            assert meaning_of(transport.send(Call("POST", server.url, {}))).meaning is Meaning.CREATED
            assert ended.wait(5)
            ended.clear()
            assert len(server.requests) == server.connections == number


def test_surplus_is_not_the_next_answer() -> None:
    """Bytes behind an answer are never taken for the answer to the next request."""
    surplus = answer(b"{}", 404) + GOOD * 3
    with serve(keeps(surplus, answer(b"{}", 500))) as server, contextlib.closing(Transport()) as transport:
        assert meaning_of(transport.send(Call("POST", server.url, {}))).meaning is Meaning.REJECTED
        assert meaning_of(transport.send(Call("POST", server.url, {}))).meaning is Meaning.UNKNOWN


def test_failures_hold_no_secret() -> None:
    """Neither a call nor a failure tells header fields or body."""
    call = Call("POST", "http://127.0.0.1:1/x", {"Authorization": SECRET}, SECRET.encode())
    assert SECRET not in repr(call)
    assert SECRET not in str(call)
    with serve(resets(None, f"HTTP/1.1 {SECRET}".encode())) as server:
        result = send(server.url)
    assert isinstance(result, Failure)
    assert SECRET not in repr(result)


def test_bounds_are_sensible() -> None:
    """A call may take longer than gateways wait, and an answer be as long as a page of full connections."""
    assert module.DEADLINE > 60
    assert module.MAX_ANSWER > 20 * 3_260_000
