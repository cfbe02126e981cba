"""A relay before a sandbox that holds a create call, or its answer, until the test lets it go."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from urllib.parse import urlsplit

_PART = 1 << 16
_SMALL = 1 << 16
"""Bytes that a slow reader's socket takes in beyond what is read."""


class Relay:
    """Passes bytes on in both directions; a context manager."""

    def __init__(self, endpoint: str) -> None:
        """`endpoint`: of the sandbox."""
        parts = urlsplit(endpoint)
        self._target = (str(parts.hostname), int(parts.port or 0))
        self.held = threading.Event()
        """What was to be held has come and is held."""
        self._go = threading.Event()
        self._answered = threading.Event()
        self._after = 0
        self._whole = False
        self._answers = False
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        self.endpoint = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def hold_body(self, *, after: int, whole: bool) -> None:
        """Hold the next create call when so many of its bytes have come.

        `whole`: take it in to its end and pass nothing of it on; else pass on those bytes, read no further.
        """
        self._after, self._whole = after, whole

    def hold_answer(self) -> None:
        """Hold the answer to the next create call when it comes."""
        self._answers = True

    def let_go(self) -> None:
        """Pass on what is held, and from now on all that comes."""
        self._after, self._answers = 0, False
        self._go.set()

    def __enter__(self) -> Relay:
        """Begin to listen."""
        self._begin(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cut all connections and end all threads."""
        self.let_go()
        self._answered.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()  # whoever is accepted is in the lists now
        for one in self._open:
            _cut(one)
        for thread in self._threads:
            thread.join()
        for one in (self._listener, *self._open):
            one.close()

    def _begin(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                self._open += [client, server]
                self._begin(self._up, client, server)
                self._begin(self._down, server, client)

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        waiting: list[bytes] = []
        come = length = 0
        with contextlib.suppress(OSError):
            while data := client.recv(_PART):
                if data.startswith(b"POST "):
                    come, length = 0, _length(data)
                come += len(data)
                if not (self._after and length):
                    server.sendall(data)
                elif self._whole:
                    waiting.append(data)
                    if come >= length:
                        self._hold()
                        server.sendall(b"".join(waiting))
                        self._answered.wait()
                else:
                    server.sendall(data)
                    if come >= self._after:
                        self._hold()
        _cut(server)

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(_PART):
                self._answered.set()
                if self._answers and data.startswith(b"HTTP/1.1 201 "):
                    self._hold()
                client.sendall(data)
        _cut(client)

    def _hold(self) -> None:
        self.held.set()
        self._go.wait()


def _length(data: bytes) -> int:
    """Bytes of a request, its head included, by what its head says."""
    head, _, _ = data.partition(b"\r\n\r\n")
    found = re.search(rb"(?i)\r\ncontent-length: ([0-9]+)", head)
    assert found
    return len(head) + 4 + int(found[1])


def _cut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
