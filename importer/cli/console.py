"""Streams, colours, exit statuses and the progress bar."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any

from importer.cli.spool import Spool
from importer.errors import ImporterError, JobsInvalid, UsageError
from importer.shown import visible
from importer.statuses import CANNOT_WORK as CANNOT_WORK
from importer.statuses import CHANGES as CHANGES
from importer.statuses import CLEAN as CLEAN
from importer.statuses import FINDINGS as FINDINGS
from importer.statuses import INTERRUPTED as INTERRUPTED
from importer.statuses import TERMINATED as TERMINATED
from importer.statuses import UNKNOWN as UNKNOWN
from importer.system import atomic_file

_BAR_DELAY = 0.5
_HEARTBEAT = 30.0


def colour_wanted(stream: IO[str] | None) -> bool:
    """Whether to paint: NO_COLOR forbids it, FORCE_COLOR asks for it, else a terminal that is not dumb."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal(stream) and os.environ.get("TERM", "") not in ("", "dumb")


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether a stream is a terminal; one that was closed before the start is None."""
    return stream is not None and stream.isatty()


def draws_bars(stream: IO[str] | None) -> bool:
    """Whether a bar can be drawn and taken away again."""
    return is_terminal(stream) and os.environ.get("TERM", "") not in ("", "dumb")


def say(text: str) -> None:
    """A line of talk, on standard error; if nobody listens there, that is fine."""
    if sys.stderr is None:
        return
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


def say_at_once(text: str) -> None:
    """The same from a signal's handler, where a buffered stream may be in the middle of a line."""
    with contextlib.suppress(OSError):
        os.write(2, f"{text}\n".encode())


def say_error(error: ImporterError) -> None:
    """What is wrong and what to do."""
    for fault in error.faults if isinstance(error, JobsInvalid) else (str(error),):
        say(f"dli-hosts: error: {visible(fault)}")
    say(f"  = help: {visible(error.hint or 'dli-hosts --help')}")


def write_results(lines: Iterable[str], target: str | None) -> None:
    """Write to standard output, or whole or not at all to a file. A closed pipe ends it quietly.

    Raises UsageError where the target cannot be written.
    """
    if target is None or target == "-":
        _write_stdout(_chunks(lines))
        return
    with _atomic(target) as file:
        for part in _chunks(lines):
            file.write(part)


def _atomic(target: str) -> AbstractContextManager[IO[bytes]]:
    if target.endswith(os.sep):
        raise UsageError(f"-o {target}: is a folder", hint="name a file to write")
    return atomic_file(Path(target))


class Results:
    """Results that are made before it is known whether they may be shown."""

    def __init__(self, write: Callable[[Any], object]) -> None:
        self._write = write
        self.kept = False

    def write(self, part: Any) -> None:
        """Add bytes, or an array of them."""
        self._write(part)

    def keep(self) -> None:
        """They may be shown."""
        self.kept = True


class _NotKept(Exception):
    """What was written so far is to disappear."""


@contextlib.contextmanager
def results(target: str | None) -> Iterator[Results]:
    """Write to standard output, or to a file: all of it once it is kept, and nothing before or else.

    Raises UsageError where the target cannot be written.
    """
    if target is None or target == "-":
        with Spool() as spool:
            made = Results(spool.write)
            yield made
            if made.kept:
                _write_stdout(spool)
        return
    with contextlib.suppress(_NotKept), _atomic(target) as file:
        made = Results(_synced(file))
        yield made
        if not made.kept:
            raise _NotKept


_SYNCED = 32 << 20
"""Bytes after which a file is synced, on whatever thread writes it."""


def _synced(file: IO[bytes]) -> Callable[[Any], object]:
    """Writes to a file that is synced as it grows, so that little is left to wait for at the end."""
    since = 0

    def write(part: Any) -> None:
        nonlocal since
        file.write(part)
        since += len(part)
        if since >= _SYNCED:
            file.flush()
            os.fsync(file.fileno())
            since = 0

    return write


def _write_stdout(parts: Iterable[bytes]) -> None:
    if sys.stdout is None:
        raise UsageError("standard output is closed", hint="name a file with -o FILE")
    try:
        sys.stdout.flush()
        stream = getattr(sys.stdout, "buffer", None)
        for part in parts:
            if stream is None:  # a stand-in for standard output that takes text only
                sys.stdout.write(part.decode("utf-8"))
            else:
                _write_all(stream, part)
        (stream or sys.stdout).flush()
    except BrokenPipeError:
        _discard_stdout()  # whoever read has read enough
    except OSError as error:
        _discard_stdout()
        raise UsageError(
            f"standard output cannot be written: {error.strerror or error}", hint="name a file with -o FILE"
        ) from None


def _write_all(stream: Any, part: bytes) -> None:
    """An unbuffered stream may take a part of what it is given."""
    rest = memoryview(part)
    while len(rest):
        rest = rest[stream.write(rest) or 0 :]


def _discard_stdout() -> None:
    """Keep Python from complaining once more when it closes the stream."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _chunks(lines: Iterable[str]) -> Iterator[bytes]:
    """The lines as UTF-8, many at a time."""
    held: list[str] = []
    for line in lines:
        held.append(line)
        if len(held) == 4096:
            yield "".join(held).encode("utf-8", "backslashreplace")
            held.clear()
    yield "".join(held).encode("utf-8", "backslashreplace")


class Progress:
    """Bytes read so far: a bar on a terminal after half a second, else a line every 30 seconds."""

    def __init__(self, total: int, *, quiet: bool) -> None:
        self._total = total or None
        self._quiet = quiet
        self._done = 0
        self._start = time.monotonic()
        self._next = self._start + (_BAR_DELAY if draws_bars(sys.stderr) else _HEARTBEAT)
        self._bar: Any = None

    def __call__(self, count: int) -> None:
        """Take note of bytes read."""
        self._done += count
        if self._bar is not None:
            self._bar.update(count)
        elif not self._quiet and time.monotonic() >= self._next:
            self._show()

    def _show(self) -> None:
        if draws_bars(sys.stderr):
            from tqdm import tqdm

            self._bar = tqdm(
                total=self._total,
                initial=self._done,
                unit="B",
                unit_scale=True,
                leave=False,
                desc="reading",
                file=sys.stderr,
            )
            return
        seconds = time.monotonic() - self._start
        share = f" of {self._total / 1e6:,.0f} MB" if self._total else ""
        say(f"reading: {self._done / 1e6:,.0f} MB{share}, {seconds:.0f} s")
        self._next += _HEARTBEAT

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()


class Steps:
    """Steps done of a known number: a bar on a terminal after half a second, else a line every 30 seconds."""

    def __init__(self, total: int, what: str, *, quiet: bool) -> None:
        self._total = total
        self._what = what
        self._quiet = quiet
        self._done = 0
        self._bar: Any = None
        self._begin()

    def _begin(self) -> None:
        self._next = time.monotonic() + (_BAR_DELAY if draws_bars(sys.stderr) else _HEARTBEAT)

    def __enter__(self) -> Steps:
        """Begin to count; the bar shows when it takes long."""
        self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def done(self) -> None:
        """One more is done."""
        self._done += 1
        if self._bar is not None:
            self._bar.update(1)
        elif not self._quiet and time.monotonic() >= self._next:
            self._show()

    def _show(self) -> None:
        if draws_bars(sys.stderr):
            from tqdm import tqdm

            self._bar = tqdm(
                total=self._total, initial=self._done, desc=self._what, leave=False, file=sys.stderr
            )
            return
        say(f"{self._what}: {self._done:,} of {self._total:,}")
        self._next += _HEARTBEAT

    def say(self, text: str) -> None:
        """Talk, above the bar."""
        with self.paused():
            say(visible(text))

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """The bar out of the way, for a line that is written."""
        if self._bar is None:
            yield
            return
        with self._bar.external_write_mode(file=sys.stderr):
            yield
