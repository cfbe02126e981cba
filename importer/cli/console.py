"""Streams and colours. The one module that prints."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import IO, Any

from importer.errors import ImporterError, InputError, JobsInvalid, UsageError
from importer.language import said, spoken, translated
from importer.shown import visible
from importer.system import atomic_file, was_read


def colour_wanted(stream: IO[str] | None) -> bool:
    """Whether to paint: NO_COLOR forbids it, FORCE_COLOR asks for it, else a terminal that is not dumb."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return draws_bars(stream)


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether a stream is a terminal; one that was closed before the start is None."""
    return stream is not None and stream.isatty()


def draws_bars(stream: IO[str] | None) -> bool:
    """Whether a bar can be drawn and taken away again."""
    return is_terminal(stream) and os.environ.get("TERM", "") not in ("", "dumb")


def columns() -> int:
    """Columns of the terminal, as `shutil` finds them: importing that module loads all of zip, bz2 and xz."""
    try:
        wanted = int(os.environ.get("COLUMNS", ""))
    except ValueError:
        wanted = 0
    if wanted > 0:
        return wanted
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):  # closed, no terminal, or no file at all
        return 80


def in_ci() -> bool:
    """Whether a runner of GitHub, GitLab or Azure reads the output: such takes some lines for commands."""
    return any(os.environ.get(name) for name in ("GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD"))


def say(text: str) -> None:
    """A line of talk, on standard error; if nobody listens there, that is fine."""
    if sys.stderr is None:
        return
    if in_ci():
        text = _without_commands(text)
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


def _without_commands(text: str) -> str:
    from importer.rendering.terminal import without_commands

    return "\n".join(map(without_commands, text.split("\n")))


def say_at_once(text: str) -> None:
    """A line of talk from a signal handler, where a buffered stream may be in the middle of a line."""
    with contextlib.suppress(OSError):
        os.write(2, f"{text}\n".encode())


def say_error(error: ImporterError) -> None:
    """Say what is wrong, and what to do."""
    for fault in error.faults if isinstance(error, JobsInvalid) else (_told(error),):
        say(said("dli-hosts: error: {message}", message=visible(fault)))
    hint = translated(error.hint, spoken()) or "dli-hosts --help"
    say(said("  = help: {hint}", hint=visible(hint)))


def _told(error: ImporterError) -> str:
    """What is wrong, in the spoken language: a sentence without facts is still in English."""
    message = translated(error.message, spoken())
    return f"{error.source}: {message}" if isinstance(error, InputError) and error.source else message


def write_results(lines: Iterable[str], target: str | None, *, commands: bool = False) -> None:
    """Write to standard output, or to a file: all of it or nothing. A closed pipe ends it quietly.

    `commands`: they are meant for a CI runner; else it finds none, whatever names and cells they hold.
    Raises UsageError where the target cannot be written.
    """
    if target is None or target == "-":
        if in_ci() and not commands:
            lines = map(_without_commands, lines)
        _write_stdout(_chunks(lines))
        return
    with _atomic(target) as file:
        for part in _chunks(lines):
            file.write(part)


def write_bytes(parts: Iterable[bytes]) -> None:
    """Write to standard output as it is. A closed pipe ends it quietly."""
    _write_stdout(parts)


def _atomic(target: str) -> AbstractContextManager[IO[bytes]]:
    from pathlib import Path

    if target.endswith(os.sep):
        raise UsageError(said("-o {target}: is a folder", target=target), hint="name a file to write")
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
    """What was written so far must not appear."""


@contextlib.contextmanager
def results(target: str | None) -> Iterator[Results]:
    """Write to standard output, or to a file, but only what is kept in the end; before that, nothing shows.

    Raises UsageError where the target cannot be written.
    """
    if target is None or target == "-":
        import tempfile

        spool = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 (closed below, whatever happens)
        try:
            made = Results(_held_back(spool))
            yield made
            if made.kept:
                spool.seek(0)
                _write_stdout(iter(lambda: spool.read(_PART), b""))
        finally:
            with contextlib.suppress(OSError):  # a full disk was told when it was written to
                spool.close()
        return
    with contextlib.suppress(_NotKept), _atomic(target) as file:
        made = Results(_synced(file))
        yield made
        if not made.kept:
            raise _NotKept


_IN_MEMORY = 64 << 20
"""Bytes that wait in memory for standard output; more of them wait in a file."""
_PART = 1 << 20


def _held_back(spool: Any) -> Callable[[Any], object]:
    """Writes to what waits for standard output; a failure says what to do."""

    def write(part: Any) -> None:
        try:
            spool.write(part)
            spool.flush()  # a full disk is told here, and not when it is read
        except OSError as error:
            raise UsageError(
                said("the results cannot be held back: {strerror}", strerror=error.strerror or error),
                hint="name a file with -o FILE, or set TMPDIR to a folder with room",
            ) from None

    return write


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
    with contextlib.suppress(OSError, ValueError):
        if was_read(sys.stdout.fileno()):
            raise UsageError("standard output is one of the inputs", hint="name another file to write")
    try:
        sys.stdout.flush()
        stream = getattr(sys.stdout, "buffer", None)
        for part in _encoded(parts, sys.stdout):
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
            said("standard output cannot be written: {strerror}", strerror=error.strerror or error),
            hint="name a file with -o FILE",
        ) from None


def _encoded(parts: Iterable[bytes], stream: IO[str]) -> Iterable[bytes]:
    """The parts in the encoding of a terminal; anywhere else they are UTF-8, as they were."""
    import codecs

    try:
        name = codecs.lookup(getattr(stream, "encoding", None) or "utf-8").name
    except (AttributeError, LookupError):
        return parts
    if name in ("utf-8", "ascii") or not is_terminal(stream):
        return parts
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    return (decoder.decode(bytes(part)).encode(name, "backslashreplace") for part in parts)


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
