"""Processes of the command that begin where the program is loaded already.

To start Python and load the program takes far longer than most runs do. So one process loads all modules, and
each run is a fork of it: a process of its own, with its own environment, folder and streams, which begins at
`python -m importer`. What depends on the start itself (what is loaded, Python's own variables, bounds of
memory) needs a new interpreter: `command.run_process`.

The pauses between the attempts of a call are a tenth of what they are for users. How long they have to be is
the matter of `tests/sending/test_retry.py`, whose clock is not a real one.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_SET_AT_START = ("PYTHON", "LC_", "LANG")
"""What the names of variables begin with that Python reads once, when it starts."""
_NOT_LOADED = ("importer.__main__", "importer.distributed")
_FLUSH_FAILED = 120
"""Python's exit status when standard output cannot be written at the end."""


class Run:
    """A run of the command that was begun."""

    def __init__(self, reply: socket.socket) -> None:
        self._reply = reply
        self.pid = int(reply.recv(32))

    def ended(self, timeout: float) -> bool:
        """Whether it ends within so many seconds."""
        return bool(select.select([self._reply], [], [], timeout)[0])

    def wait(self) -> int:
        """The exit status, or minus the number of the signal that ended it."""
        with self._reply:
            return os.waitstatus_to_exitcode(int(self._reply.recv(32)))


class Template:
    """The process that runs are forked from."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """`environment`: what Python is started with."""
        self._start = _set_at_start(environment)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                cwd=ROOT,
                env=dict(environment) | {"OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        atexit.register(self.close)

    def fits(self, environment: Mapping[str, str]) -> bool:
        """Whether a run in this environment needs no interpreter of its own."""
        return _set_at_start(environment) == self._start

    def start(
        self,
        arguments: Sequence[str],
        cwd: Path,
        environment: Mapping[str, str],
        streams: Sequence[int | None],
    ) -> Run:
        """Begin a run with these three streams, which stay open here; None is a stream that is closed."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with open(os.memfd_create("request"), "w+b") as request, theirs:
            wanted = {
                "arguments": list(arguments),
                "cwd": str(cwd),
                "environment": dict(environment),
                "streams": [number for number, handle in enumerate(streams) if handle is not None],
            }
            open_ones = [handle for handle in streams if handle is not None]
            request.write(json.dumps(wanted).encode())
            request.seek(0)
            socket.send_fds(self._control, [b"run"], [request.fileno(), *open_ones, theirs.fileno()])
        return Run(ours)

    def close(self) -> None:
        """End the process; runs that were begun go on."""
        self._control.close()
        self._process.wait()


def _set_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_SET_AT_START)}


# -- in the process that runs are forked from


def _serve(control: socket.socket) -> None:
    """Fork a run for each request, and tell its process number and at its end its status."""
    _load()
    running: dict[int, tuple[int, socket.socket]] = {}
    while True:
        ready, _, _ = select.select([control, *running], [], [])
        for one in ready:
            if one is not control:
                pid, reply = running.pop(one)
                os.close(one)
                with reply:
                    _send(reply, os.waitpid(pid, 0)[1])
                continue
            data, handles, _, _ = socket.recv_fds(control, 16, 5)
            if not data:
                return
            pid = os.fork()
            if pid == 0:
                _run(handles, [control.detach(), *running])
            for handle in handles[:-1]:
                os.close(handle)
            reply = socket.socket(fileno=handles[-1])
            running[os.pidfd_open(pid)] = pid, reply
            _send(reply, pid)


def _send(reply: socket.socket, number: int) -> None:
    with contextlib.suppress(OSError):  # nobody waits for this run any more
        reply.send(str(number).encode())


def _load() -> None:
    """Load the program, and the packages that its runs need most."""
    for name in ("numpy", "requests", "tqdm", "uvicorn", "fastapi"):
        importlib.import_module(name)
    package = importlib.import_module("importer")
    for module in pkgutil.walk_packages(package.__path__, "importer."):
        if not module.name.startswith(_NOT_LOADED):
            importlib.import_module(module.name)
    retry = importlib.import_module("importer.sending.retry")
    for name in ("BASE", "THROTTLE_BASE"):
        setattr(retry, name, getattr(retry, name) / 10)
    gc.collect()
    gc.freeze()


def _run(handles: Sequence[int], others: Sequence[int]) -> None:
    """Be `python -m importer`; does not return."""
    request, *streams, reply = handles
    with open(request, "rb") as file:
        wanted: dict[str, Any] = json.load(file)
    for number in range(3):
        os.close(number)
    for number, handle in zip(wanted["streams"], streams, strict=True):
        os.dup2(handle, number)
    for handle in (*streams, *others, reply):
        os.close(handle)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    time.tzset()
    os.chdir(wanted["cwd"])
    sys.path[0] = wanted["cwd"]
    sys.argv[1:] = wanted["arguments"]
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        there = number in wanted["streams"]
        setattr(sys, name, _stream(number, getattr(sys, name)) if there else None)
        setattr(sys, f"__{name}__", getattr(sys, name))
    _leave(_status())


def _stream(number: int, like: io.TextIOWrapper) -> io.TextIOWrapper:
    """A standard stream as Python opens it."""
    raw = open(number, "wb" if number else "rb", closefd=False)  # noqa: SIM115
    lines = number == 2 or (number == 1 and raw.isatty())
    return io.TextIOWrapper(raw, like.encoding, like.errors, "\n", line_buffering=lines)


def _status() -> int:
    try:
        runpy.run_module("importer", run_name="__main__", alter_sys=True)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def _leave(status: int) -> None:
    """The steps by which Python ends; the modules are not taken apart, which is most of the time."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        status = _FLUSH_FAILED
    if sys.stderr is not None:
        sys.stderr.flush()
    os._exit(status & 0xFF)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
