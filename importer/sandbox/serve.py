"""The door for everybody else: `start()` serves in a thread of its own, `Running` says where and stops it."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import socket
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from importer.errors import UsageError
from importer.sandbox.log import Log
from importer.sandbox.rules import Rules
from importer.sandbox.store import Store
from importer.shown import shown

if TYPE_CHECKING:
    import uvicorn

_STOP_SECONDS = 10
_KEEP_ALIVE = 60
"""Seconds that an idle connection lives, as long as with common gateways."""


class Running:
    """A sandbox that serves; a context manager that stops it."""

    def __init__(
        self, store: Store, rules: Rules, log: Log, listener: socket.socket, rate: float | None
    ) -> None:
        self.store = store
        """What it holds: the truth to compare a client's idea with."""
        self._rules = rules
        self._log = log
        host, port = listener.getsockname()[:2]
        self.endpoint = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self.iam_endpoint = self.endpoint
        self.project_id = store.keys.project_id
        self.access_key = store.keys.access_key
        self.secret_key = store.keys.secret_key
        self.token = store.keys.token
        self.password = store.keys.password
        """Of the user and domain `sandbox`, for tokens."""
        self._server = _server(store, rules, log, rate)
        self._listener = listener
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="sandbox", daemon=True)
        self._thread.start()
        self._ready.wait()

    def log(self) -> list[dict[str, Any]]:
        """The arrivals so far: time, method, path, name, fault and status of each."""
        return self._log.arrivals()

    def faults(self, texts: Sequence[str]) -> None:
        """Replace all rules. Raises UsageError for a rule without a meaning."""
        self._rules.replace(texts)

    def stop(self) -> None:
        """Stop at once, whatever hangs: connections are cut, the thread is joined, the store is closed."""
        loop = self._loop
        if loop is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(self._cut)
        self._thread.join(_STOP_SECONDS)
        self.store.close()

    def __enter__(self) -> Running:
        """The sandbox, serving already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    def _serve(self) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            self._loop.call_soon(self._ready.set)
            await self._server.serve(sockets=[self._listener])

        try:
            asyncio.run(serve())
        finally:
            self._listener.close()
            self._ready.set()

    def _cut(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        for protocol in list(self._server.server_state.connections):
            protocol.transport.abort()


def start(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    data: str | None = None,
    faults: Sequence[str] = (),
    seed: int | None = None,
    unique_names: bool = False,
    rate: float | None = None,
    peering_seconds: float = 0.5,
) -> Running:
    """Serve a local DLI on a loopback address; port 0 takes a free one.

    `data`: file to keep connections and keys in, else memory. `seed`: for rules with a chance. `rate`: calls
    a second beyond which 429 is answered. Raises UsageError for an address that is not loopback, a port in
    use, a file that is not a sandbox's, a rule that means nothing, or where FastAPI and uvicorn are missing.
    """
    rules = Rules(faults, seed)
    _need_packages()
    listener = _listen(host, port)
    log = Log()
    try:
        store = Store(
            data, unique_names=unique_names, peering_seconds=peering_seconds, peering_fault=rules.peering
        )
    except BaseException:
        listener.close()
        raise
    return Running(store, rules, log, listener, rate)


def _server(store: Store, rules: Rules, log: Log, rate: float | None) -> uvicorn.Server:
    """The server, silent: what it would log is in the answers and in the log of arrivals."""
    import uvicorn

    from importer.sandbox.door import Door
    from importer.sandbox.gateway import Gateway
    from importer.sandbox.service import Service
    from importer.sandbox.wire import Protocol

    gateway = Gateway(store.keys, rate)
    app = Door(Service(store, gateway, rules, log), gateway, store, rules, log)
    return uvicorn.Server(
        uvicorn.Config(
            app, http=Protocol, ws="none", loop="asyncio", lifespan="off", log_config=None,
            log_level="critical", access_log=False, server_header=False, timeout_keep_alive=_KEEP_ALIVE,
        )
    )  # fmt: skip


def _need_packages() -> None:
    try:
        import fastapi  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise UsageError(
            f"the sandbox needs {error.name}, which is not installed",
            hint="pip install 'dli-hosts[sandbox]'",
        ) from None


def _listen(host: str, port: int) -> socket.socket:
    address = "127.0.0.1" if host == "localhost" else host
    try:
        loopback = ipaddress.ip_address(address).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise UsageError(
            f"--host {shown(host, 60)}: is not a loopback address",
            hint="the sandbox serves this machine only: 127.0.0.1, ::1 or localhost",
        )
    if not 0 <= port <= 65535:
        raise UsageError(f"--port {port}: is not a port", hint="0 takes a free one, else 1 to 65535")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # asyncio turns Nagle's delay off only for sockets that say they are TCP
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would take a port that is in use
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"{host} port {port}: cannot listen there: {error.strerror or error}",
            hint="--port 0 takes a free one",
        ) from None
    return listener
