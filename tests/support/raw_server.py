"""A server for tests that misbehaves byte by byte: a script is a function of the connection's socket."""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator

TIMEOUT = 20
"""Seconds after which a test fails rather than waits on."""


class Raw:
    """Serves each connection in a thread of its own; everything that arrived is kept."""

    def __init__(self, script: Callable[[Raw, socket.socket], None], context: ssl.SSLContext | None) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        """Whole requests, head and body, in the order of their arrival."""
        self.sent = 0
        """Bytes of answers that `send` got rid of."""
        self._script = script
        self._context = context
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.port}"
        self._start(self._accept)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self.connections += 1
                self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        sock.settimeout(TIMEOUT)
        with contextlib.suppress(OSError), sock:
            self._open.append(sock)
            if self._context is None:
                self._script(self, sock)
                return
            with self._context.wrap_socket(sock, server_side=True) as secure:
                self._open.append(secure)
                self._script(self, secure)

    def take(self, sock: socket.socket) -> bytes:
        """Read one whole request; OSError when the peer has no more."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._some(sock)
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += self._some(sock)
        self.requests.append(head + b"\r\n\r\n" + body)
        return self.requests[-1]

    @staticmethod
    def _some(sock: socket.socket) -> bytes:
        if part := sock.recv(1 << 20):
            return part
        raise ConnectionResetError

    def send(self, sock: socket.socket, data: bytes) -> None:
        """Send bytes and count them."""
        sock.sendall(data)
        self.sent += len(data)

    def close(self) -> None:
        """End everything, whatever a script waits for."""
        for sock in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(TIMEOUT)


Script = Callable[[Raw, socket.socket], None]


@contextlib.contextmanager
def serve(script: Script, context: ssl.SSLContext | None = None) -> Iterator[Raw]:
    """A server on a free port of the loopback address."""
    server = Raw(script, context)
    try:
        yield server
    finally:
        server.close()


def head(status: int = 201, *fields: str, length: int | None = None) -> bytes:
    """The head of an answer."""
    lines = [f"HTTP/1.1 {status} Words", *fields]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def answer(body: bytes = b"", status: int = 201, *fields: str) -> bytes:
    """A whole answer."""
    return head(status, *fields, length=len(body)) + body


def says(data: bytes) -> Script:
    """Read the request, send these bytes, close."""

    def script(server: Raw, sock: socket.socket) -> None:
        server.take(sock)
        server.send(sock, data)

    return script


def keeps(*answers: bytes) -> Script:
    """Answer one request after the other on a kept connection; the last answer is given again and again."""

    def script(server: Raw, sock: socket.socket) -> None:
        while True:
            server.take(sock)
            server.send(sock, answers[min(len(server.requests), len(answers)) - 1])

    return script


def drips(data: bytes, pause: float) -> Script:
    """Send a byte now and then, the last one again and again, for as long as the peer takes them."""

    def script(server: Raw, sock: socket.socket) -> None:
        server.take(sock)
        waiting = threading.Event()
        for byte in itertools.chain(data, itertools.repeat(data[-1])):
            server.send(sock, bytes([byte]))
            waiting.wait(pause)

    return script


def floods(start: bytes, part: bytes, times: int) -> Script:
    """Send very much."""

    def script(server: Raw, sock: socket.socket) -> None:
        server.take(sock)
        server.send(sock, start)
        for _ in range(times):
            server.send(sock, part)

    return script


def hangs(server: Raw, sock: socket.socket) -> None:
    """Take the request and say nothing until the peer leaves."""
    server.take(sock)
    sock.recv(1)


def resets(after: int | None, data: bytes = b"") -> Script:
    """Reset the connection after so many bytes of the request, all of it if None; `data` is sent first."""

    def script(server: Raw, sock: socket.socket) -> None:
        if after is None:
            server.take(sock)
        elif after:
            sock.recv(after)
        if data:
            server.send(sock, data)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return script
