"""One HTTP call and what came back, or at which point it failed. Built on `requests`.

A call ends by its deadline whatever the server does, follows no redirect, verifies TLS, takes a
bounded answer, and is sent once: urllib3 repeats nothing. Whether a connection stood when a call
failed is seen in the socket layer and not read out of the text of an exception, for the server may
have done what it was asked as soon as the first byte was sent.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from importer.calling.calls import Answer, Call, Failure, Phase
from importer.calling.reasons import reason_of
from importer.language import said

MiB = 1 << 20
CONNECT_TIMEOUT = 10.0
"""Seconds to reach the server."""
DEADLINE = 120.0
"""Seconds for a whole call: above the 50 to 60 s after which gateways give up themselves."""
MAX_ANSWER = 64 * MiB
"""A page of connections of 20,000 hosts each stays far below."""
IDLE = 2.0
"""Seconds after which a kept connection is not used for a POST any more: the server may be closing it."""


_TLS = "TLS: the server's certificate cannot be verified"


class Network(NamedTuple):
    """How to reach servers: proxies by scheme, and the authorities to verify by (True: the usual ones)."""

    proxies: Mapping[str, str] = MappingProxyType({})
    verify: str | bool = True

    def __repr__(self) -> str:
        """Without the proxies, whose URLs can hold passwords."""
        return said("Network({number} proxies)", number=len(self.proxies))


class Transport:
    """Calls over kept connections; one for each thread. Close it when done."""

    def __init__(self, network: Network | None = None, *, deadline: float = DEADLINE) -> None:
        network = network or Network()
        self._deadline = deadline
        self._watch = _Watch()
        self._session = _Session()
        self._session.trust_env = False  # no .netrc, which would replace the authorization
        self._session.proxies = dict(network.proxies)
        self._session.verify = network.verify
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(self._watch))

    def send(self, call: Call) -> Answer | Failure:
        """Make a call; what comes of it is the value, and nothing the network does is raised."""
        self._watch.start(self._deadline)
        try:
            return self._send(call)
        except requests.exceptions.SSLError as error:
            if self._watch.connected:
                return Failure(Phase.AFTER, self._what_happened(error))
            if self._watch.expired:
                return Failure(Phase.CONNECT, "no connection in time")
            phase, text = reason_of(error)
            return Failure(Phase.TLS, text if phase is Phase.TLS else _TLS)
        except requests.exceptions.ConnectTimeout:
            return Failure(self._watch.phase(Phase.CONNECT), "no connection in time")
        except requests.exceptions.ConnectionError as error:
            if self._watch.connected:
                return Failure(Phase.AFTER, self._what_happened(error))
            if self._watch.expired:
                return Failure(Phase.CONNECT, "no connection in time")
            return Failure(*reason_of(error))
        except Exception as error:  # no memory, no thread: whatever it is, what was sent must be told
            return Failure(self._watch.phase(Phase.CONNECT), self._what_happened(error))
        finally:
            self._watch.stop()

    def _send(self, call: Call) -> Answer:
        headers = {"Accept-Encoding": "identity", "User-Agent": "dli-hosts", **call.headers}
        with self._session.request(
            call.method,
            call.url,
            headers=headers,
            data=call.body or None,
            allow_redirects=False,
            stream=True,
            timeout=(min(CONNECT_TIMEOUT, self._deadline), self._deadline),
        ) as response:
            self._session.cookies.clear()
            body, fault = self._body(response)
            return Answer(response.status_code, response.headers, body, not fault, fault)

    def _body(self, response: requests.Response) -> tuple[bytes, str]:
        """The part of the body that came, and why it cannot be read; empty if it can."""
        parts: list[bytes] = []
        size = 0
        try:
            for part in response.raw.stream(MiB, decode_content=False):
                parts.append(part)
                size += len(part)
                if size > MAX_ANSWER:
                    return b"", said(
                        "the answer is larger than {MAX_ANSWER} MiB", MAX_ANSWER=MAX_ANSWER // MiB
                    )
        except (HTTPError, OSError):
            return b"".join(parts), "the answer was cut off"
        coding = response.headers.get("Content-Encoding", "").strip().lower()
        if coding in ("", "identity"):
            return b"".join(parts), ""
        return b"", "the answer is compressed, though that was not asked for"

    def _what_happened(self, error: Exception) -> str:
        # The socket's own time-out is as long as the deadline, and may be a moment ahead of it.
        if self._watch.expired or isinstance(error, requests.exceptions.Timeout):
            return said("no whole answer within {deadline:g} s", deadline=self._deadline)
        return "the connection failed" if self._watch.connected else "the server cannot be reached"

    def close(self) -> None:
        """Close all kept connections."""
        self._session.close()
        self._watch.close()


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """There is none: else the whole body of a redirect is read, unbounded, although none is followed."""


class _Watch:
    """Knows of the call under way whether a connection stands, and cuts that off at the deadline.

    A socket's own time-out starts again with each byte that arrives, so that a server which sends one
    byte a second would hold a call for ever. The one thread is started before any call is made: where
    there is none to be had, nothing was sent yet.
    """

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._socket_before: Any = None
        """The one that the call before used."""
        self._wake = threading.Condition()
        self._end: float | None = None
        self._asleep_until: float | None = None
        self._closed = False
        self.connected = False
        self.expired = False
        self.ended = 0.0
        """When the last call was over."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def start(self, seconds: float) -> None:
        """A call begins; it may take this long."""
        with self._wake:
            self.connected = self.expired = False
            self._socket = None
            self._end = time.monotonic() + seconds
            if self._asleep_until is None or self._end < self._asleep_until:
                self._wake.notify()

    def stop(self) -> None:
        """The call is over."""
        self.ended = time.monotonic()
        with self._wake:
            self._end = None

    def close(self) -> None:
        """No call comes any more."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        with self._wake:
            while not self._closed:
                self._asleep_until = self._end
                left = None if self._end is None else self._end - time.monotonic()
                if left is None or left > 0:
                    self._wake.wait(left)
                else:
                    self._end = None
                    self._cut()

    @contextlib.contextmanager
    def on_the_way(self, sock: Any) -> Iterator[None]:
        """A proxy is asked for a way to the server: it could send fields for ever. Raises TimeoutError."""
        with self._wake:
            self._socket = sock
            if self.expired:
                self._cut()
        yield
        with self._wake:  # before TLS begins, which has a deadline of its own
            self._socket = None
            if self.expired:  # the end of what was cut off would count as the end of the proxy's answer
                raise TimeoutError

    def use(self, sock: Any) -> None:
        """A connection stands, and the next byte goes out on it."""
        with self._wake:
            self._socket = sock
            self.connected = True
            if self.expired:
                self._cut()

    def prepare(self, connection: Any, method: str) -> None:
        """Have a connection stand for a call; one that idled is not used for a POST: it is never repeated."""
        idled = time.monotonic() - self.ended > IDLE
        if (
            connection.sock is not None
            and connection.sock is self._socket_before
            and method == "POST"
            and idled
        ):
            connection.close()
        if connection.sock is None:
            connection.connect()
            if self.expired:  # nothing was sent yet
                raise TimeoutError
        self._socket_before = connection.sock
        self.use(connection.sock)

    def phase(self, before: Phase) -> Phase:
        """The point at which the call failed, `before` if there was no connection."""
        return Phase.AFTER if self.connected else before

    def _cut(self) -> None:
        self.expired = True
        if self._socket is not None:
            # Of the plain socket: the TLS one would take its own shutdown for the end of TLS.
            with contextlib.suppress(OSError):  # it is closed already
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class _Adapter(HTTPAdapter):
    """Pools whose connections tell the watch when they are used. Nothing is repeated."""

    def __init__(self, watch: _Watch) -> None:
        self._pools = _pools(watch)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **keywords: Any) -> None:
        """As in `requests`, with connections that are watched."""
        super().init_poolmanager(*arguments, **keywords)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **keywords: Any) -> Any:
        """The same behind a proxy."""
        manager = super().proxy_manager_for(proxy, **keywords)
        manager.pool_classes_by_scheme = self._pools
        return manager


_INTERIM = 20
"""Interim answers (1xx) that are read over before the answer; a server that sends more is not understood."""


class _Response(http.client.HTTPResponse):
    """An answer; interim ones before it are read over (RFC 9110, 15.2).

    The standard library knows 100 alone, and would take the 103 before an answer for the answer itself,
    and that one for the answer to the next call.
    """

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 100 <= status < 200:
                return version, status, reason
            if status == 101:  # nobody asked for another protocol
                break
            http.client.parse_headers(self.fp)
        raise http.client.BadStatusLine("interim answers, and none that is final")


def _pools(watch: _Watch) -> dict[str, Any]:
    class Plain(HTTPConnection):
        """Tells the watch when a request goes out."""

        response_class = _Response

        def request(self, method: str, *arguments: Any, **keywords: Any) -> None:
            watch.prepare(self, method)
            super().request(method, *arguments, **keywords)

    class Secure(HTTPSConnection):
        """The same over TLS, whose handshake is over when `connect` returns."""

        response_class = _Response

        def _tunnel(self) -> None:
            with watch.on_the_way(self.sock):
                super()._tunnel()

        def request(self, method: str, *arguments: Any, **keywords: Any) -> None:
            watch.prepare(self, method)
            super().request(method, *arguments, **keywords)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
