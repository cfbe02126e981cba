"""A rig that stops a run of the command at any of its system calls, exactly there.

A process that has all modules loaded forks one child for each run, which takes some milliseconds where a
start from nothing takes half a second. The child is traced, so that its system calls, of all its threads,
are counted from the moment it opens its journal; the signal is sent at the entry of the chosen one, which
SIGKILL keeps from being carried out. Linux on x86-64 only.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import json
import os
import platform
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

JOURNAL = "journal"
"""Name of the file with whose opening the count begins, its lock included."""
_OPENAT, _RECVFROM = 257, 45
_ALIKE = frozenset(
    {
        5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 25, 28, 39, 54, 55, 56, 60, 63, 79, 131, 186, 202, 217,
        219, 228, 230, 262, 270, 271, 273, 302, 318, 332, 334, 435,
    }
)  # fmt: skip
"""Calls that change nothing outside of the process and take nothing in from there: memory, threads, locks,
signal masks, the clock, waiting (poll), and questions about files (stat, ioctl). A process that is killed at
one of them leaves what it leaves when it is killed at the next call that is not among them. In order: fstat,
poll, lseek, mmap, mprotect, munmap, brk, rt_sigaction, rt_sigprocmask, rt_sigreturn, ioctl, sched_yield,
mremap, madvise, getpid, setsockopt, getsockopt, clone, exit (of a thread), uname, getcwd, sigaltstack,
gettid, futex, getdents64, restart_syscall, clock_gettime, clock_nanosleep, newfstatat, pselect6, ppoll,
set_robust_list, prlimit64, getrandom, statx, rseq, clone3.

Beyond these, a recvfrom that follows another one of the same thread is not counted again: the server has
sent by then, and in how many parts its answer arrives is the one thing in which runs of a scenario differ."""

_TRACEME, _SYSCALL, _SETOPTIONS, _INFO = 0, 24, 0x4200, 0x420E
_GOOD, _CLONE, _EXITKILL = 1, 8, 1 << 20
_ALL_THREADS = 0x40000000
_INFO_BYTES = 88


class Ended(NamedTuple):
    """How a run ended."""

    status: int
    """Exit status; minus the signal's number where one ended it."""
    calls: int
    """System calls that were counted, the one at which it was stopped included."""
    struck: bool
    """The chosen call was reached, and the signal sent."""
    out: str
    err: str


def why_not() -> str:
    """Why runs cannot be traced here; empty if they can."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "counting system calls is written for Linux on x86-64"
    tried = subprocess.run([sys.executable, __file__, "try"], check=False)
    return "" if tried.returncode == 0 else "this system does not let processes be traced"


class Rig:
    """The process that forks; a context manager."""

    def __enter__(self) -> Rig:
        """Start it; what it needs is loaded before its first run."""
        root = str(Path(__file__).resolve().parents[2])
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
            | {"PYTHONPATH": root, "LC_ALL": "C.UTF-8"},
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def run(
        self,
        arguments: Sequence[str],
        folder: Path,
        *,
        at: int = 0,
        every: bool = False,
        number: int = signal.SIGKILL,
    ) -> Ended:
        """Run `dli-hosts` in a folder and send the signal at the entry of the `at`-th system call.

        `at` 0: never. `every`: count all calls, else those that something outside depends on.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        wish = {
            "arguments": list(arguments),
            "folder": str(folder),
            "at": at,
            "every": every,
            "number": number,
        }
        self._process.stdin.write(json.dumps(wish) + "\n")
        self._process.stdin.flush()
        status, calls, struck = json.loads(self._process.stdout.readline())
        out, err = (folder / name for name in ("stdout", "stderr"))
        return Ended(status, calls, struck, out.read_text("utf-8"), err.read_text("utf-8"))


# -- inside the rig's process


def _serve() -> None:
    """Carry out wishes until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    main = _warm()
    for line in sys.stdin:
        wish = json.loads(line)
        child = os.fork()
        if child == 0:
            answers.close()
            _become(wish)
            sys.exit(main(wish["arguments"]))
        told = _trace(child, wish) if wish["at"] else (_status(os.waitpid(child, 0)[1]), 0, False)
        answers.write(json.dumps(told) + "\n")
        answers.flush()


def _warm() -> Callable[[list[str]], int]:
    """Load all that `submit` will need, and plan something; there is no further thread afterwards."""
    from importer.cli.main import main

    with tempfile.TemporaryDirectory() as folder:
        jobs = Path(folder, "jobs.toml")
        jobs.write_text('[[connection]]\nname="a"\nvpc="v"\nsubnet="s"\nhosts=["10.0.0.1 a"]\n', "utf-8")
        assert main(["plan", "--quiet", str(jobs), "-o", str(Path(folder, "plan"))]) == 0
    gc.enable()  # which a command turns off, and this process lives long
    return main


def _become(wish: dict[str, Any]) -> None:
    """Take the place of a process that was started for this run alone."""
    os.chdir(wish["folder"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for handle, name in ((1, "stdout"), (2, "stderr")):
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, handle)
        os.close(file)
    os.close(nothing)
    sys.argv = ["dli-hosts", *wish["arguments"]]
    if wish["at"]:
        _ptrace(_TRACEME, 0, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)


def _trace(child: int, wish: dict[str, Any]) -> tuple[int, int, bool]:
    """Let a child run on from call to call; its status, the calls counted, and whether it was struck."""
    os.waitpid(child, _ALL_THREADS)
    _ptrace(_SETOPTIONS, child, 0, _GOOD | _CLONE | _EXITKILL)
    _ptrace(_SYSCALL, child, 0, 0)
    counting, calls, struck = False, 0, False
    before: dict[int, int] = {}
    """The last call of each thread that was not one of those that are alike."""
    while True:
        thread, status = os.waitpid(-1, _ALL_THREADS)
        if not os.WIFSTOPPED(status):
            if thread == child:
                return _status(status), calls, struck
            continue
        passed_on = 0
        if os.WSTOPSIG(status) == signal.SIGTRAP | 0x80:
            call = _entered(thread)
            if call is not None:
                counting = counting or (call[0] == _OPENAT and _opens_journal(child, call[2]))
                if counting and (wish["every"] or _matters(call[0], thread, before)):
                    calls += 1
                    if calls == wish["at"]:
                        struck = True
                        os.kill(child, wish["number"])
        elif status >> 16 == 0 and os.WSTOPSIG(status) != signal.SIGSTOP:
            passed_on = os.WSTOPSIG(status)
        _ptrace(_SYSCALL, thread, 0, passed_on, check=False)  # it may be gone already


def _matters(number: int, thread: int, before: dict[int, int]) -> bool:
    """Whether a thread's call is a point of its own, seen from outside."""
    if number in _ALIKE:
        return False
    again = number == _RECVFROM == before.get(thread)
    before[thread] = number
    return not again


def _entered(thread: int) -> tuple[int, ...] | None:
    """Number and arguments of the call that a thread is about to make; None if it comes back from one."""
    info = ctypes.create_string_buffer(_INFO_BYTES)
    if _ptrace(_INFO, thread, _INFO_BYTES, ctypes.addressof(info), check=False) <= 0:
        return None
    return struct.unpack_from("<7Q", info, 24) if info[0] == b"\x01" else None


def _opens_journal(process: int, address: int) -> bool:
    with open(f"/proc/{process}/mem", "rb", 0) as memory:
        memory.seek(address)
        text = b""
        with contextlib.suppress(OSError):
            while b"\0" not in text:
                text += memory.read(min(64, 4096 - (address + len(text)) % 4096))
    return os.path.basename(text.partition(b"\0")[0]).startswith(JOURNAL.encode())


def _status(status: int) -> int:
    return os.waitstatus_to_exitcode(status)


def _ptrace(request: int, process: int, address: int, data: int, *, check: bool = True) -> int:
    answer: int = _library().ptrace(request, process, address, data)
    if answer < 0 and check:
        raise OSError(ctypes.get_errno(), f"ptrace {request:#x}")
    return answer


@functools.cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(None, use_errno=True)
    library.ptrace.restype = ctypes.c_long
    library.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    return library


def created_lines(out: str) -> Iterator[tuple[str, str]]:
    """Name and id of each connection that a run has told to be created, or to be there as planned."""
    for line in out.splitlines(keepends=True):
        if line.startswith(("created: ", "exists: ")) and line.endswith("\n"):
            yield line.split(": ")[1].split(",")[0], line.split(", id ")[1].split(" ")[0]


if __name__ == "__main__":
    if sys.argv[1:] == ["try"]:
        sys.exit(0 if _ptrace(_TRACEME, 0, 0, 0, check=False) == 0 else 1)
    _serve()
