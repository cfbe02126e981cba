"""Streams, colours, exit statuses, atomic output files and the progress bar. POSIX-only calls live here."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from importer.columns.shown import visible
from importer.errors import ImporterError, UsageError

CLEAN, FINDINGS, CANNOT_WORK = 0, 1, 2
INTERRUPTED, TERMINATED = 130, 143

_BAR_DELAY = 0.5
_HEARTBEAT = 30.0


def colour_wanted(stream: IO[str]) -> bool:
    """Whether to paint: NO_COLOR forbids it, FORCE_COLOR asks for it, else a terminal that is not dumb."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def say(text: str) -> None:
    """A line of talk, on standard error; if nobody listens there, that is fine."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


def say_error(error: ImporterError) -> None:
    """What is wrong and what to do."""
    say(f"dli-hosts: error: {visible(str(error))}")
    say(f"  = help: {visible(error.hint or 'dli-hosts --help')}")


def write_results(lines: Iterable[str], target: str | None) -> None:
    """Write to standard output, or whole or not at all to a file. A closed pipe ends it quietly.

    Raises UsageError where the target cannot be written.
    """
    if target is None or target == "-":
        _write_stdout(lines)
        return
    with atomic_file(Path(target)) as file:
        for part in _chunks(lines):
            file.write(part)


def _write_stdout(lines: Iterable[str]) -> None:
    try:
        if isinstance(getattr(sys.stdout, "buffer", None), io.BufferedIOBase):
            sys.stdout.flush()
            for part in _chunks(lines):
                sys.stdout.buffer.write(part)
            sys.stdout.buffer.flush()
        else:  # a stand-in for standard output that takes text only
            for line in lines:
                sys.stdout.write(line)
    except BrokenPipeError:
        # Whoever read has read enough. Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise UsageError(f"standard output cannot be written: {error.strerror or error}") from None


def _chunks(lines: Iterable[str]) -> Iterator[bytes]:
    """The lines as UTF-8, many at a time."""
    held: list[str] = []
    for line in lines:
        held.append(line)
        if len(held) == 4096:
            yield "".join(held).encode("utf-8", "backslashreplace")
            held.clear()
    yield "".join(held).encode("utf-8", "backslashreplace")


@contextlib.contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name only when it is whole: written beside it, synced, renamed."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"-o {path}: is no regular file", hint="name a file to write")
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise UsageError(
            f"-o {path}: cannot be written: {error.strerror or error}", hint="nothing was changed"
        ) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut; not every system lets a folder be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Progress:
    """Bytes read so far: a bar on a terminal after half a second, else a line every 30 seconds."""

    def __init__(self, total: int, *, quiet: bool) -> None:
        self._total = total or None
        self._quiet = quiet
        self._done = 0
        self._start = time.monotonic()
        self._next = self._start + (_BAR_DELAY if sys.stderr.isatty() else _HEARTBEAT)
        self._bar: Any = None

    def __call__(self, count: int) -> None:
        """Take note of bytes read."""
        self._done += count
        if self._bar is not None:
            self._bar.update(count)
        elif not self._quiet and time.monotonic() >= self._next:
            self._show()

    def _show(self) -> None:
        if sys.stderr.isatty():
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
