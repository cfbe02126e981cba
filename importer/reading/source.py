"""From what the user named to bytes: open it, and decompress it within bounds."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import sys
from collections.abc import Callable
from typing import IO, Any, NamedTuple

from importer import limits
from importer.errors import InputError
from importer.reading.options import ReadOptions
from importer.reading.packed import packing, unpacked

STDIN = "<stdin>"


class PeekStream:
    """A stream of bytes whose beginning can be looked at before it is read."""

    def __init__(self, read: Callable[[int], bytes], ahead: bytes = b"") -> None:
        self._read = read
        self._head = ahead
        self._ended = False

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, fewer only at the end; reading starts before them all the same."""
        parts, have = [self._head], len(self._head)
        while have < size and not self._ended:
            part = self._read(size - have)
            self._ended = not part
            parts.append(part)
            have += len(part)
        self._head = b"".join(parts)
        return self._head[:size]

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; empty only at the end."""
        if self._head:
            part, self._head = self._head[:size], self._head[size:]
            return part
        if self._ended:
            return b""
        part = self._read(size)
        self._ended = not part
        self._head = part[size:]  # a decoder may have more to give than was asked for
        return part[:size]


class Opened(NamedTuple):
    """An input that is open."""

    display: str
    stream: PeekStream
    """What is in it, decompressed."""
    file: IO[bytes]
    """To be closed."""
    plain: io.BufferedReader | None
    """The file itself, for those who read here and there in it; None where it is packed or a pipe."""

    def seekable(self, options: ReadOptions) -> IO[bytes]:
        """All that is in it, to read here and there: the file itself, or a copy on the disk.

        Nothing may have been read from the stream. Raises InputError.
        """
        if self.plain is not None:
            self.plain.seek(0)
            return self.plain
        import tempfile

        copy = tempfile.TemporaryFile()  # noqa: SIM115 (closed by whoever reads it)
        size = 0
        try:
            while part := self.stream.read(limits.MiB):
                size += len(part)
                if size > options.max_decompressed:
                    raise InputError(
                        f"holds more than {options.max_decompressed:,} bytes",
                        source=self.display,
                        hint="if the list is truly that large, raise --max-decompressed",
                    )
                copy.write(part)
            copy.seek(0)
        except OSError as error:  # what is read raises InputError
            raise no_room(error, self.display) from None
        return copy


def no_room(error: OSError, display: str) -> InputError:
    """The error for an input of which no temporary copy can be made."""
    return InputError(
        f"cannot be kept in a temporary file: {_reason(error)}",
        source=display,
        hint="make room there, or name another folder in TMPDIR",
    )


def open_source(name: str, options: ReadOptions, progress: Callable[[int], None] | None = None) -> Opened:
    """The input of this name. Raises InputError.

    `progress` is told the number of bytes read from the file itself.
    """
    display = STDIN if name == "-" else name
    file = _open(name, display)
    try:
        read = _guarded(file, display, progress)
        raw = PeekStream(read)
        kind = packing(raw.peek(8))
        if kind:
            return Opened(display, PeekStream(unpacked(raw, kind, display, options)), file, None)
        own = name != "-" and file.seekable()
        return Opened(display, raw, file, io.BufferedReader(_Watched(file, read)) if own else None)
    except BaseException:
        file.close()
        raise


class _Watched(io.RawIOBase):
    """A file whose reading is guarded, and told, wherever in it one reads."""

    def __init__(self, file: IO[bytes], read: Callable[[int], bytes]) -> None:
        self._file = file
        self._read = read

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        part = self._read(len(buffer))
        buffer[: len(part)] = part
        return len(part)


def _open(name: str, display: str) -> IO[bytes]:
    if name == "-":
        stdin = sys.stdin
        if stdin is None or stdin.closed:
            raise InputError("standard input is closed", source=display, hint="name a file, or pipe one in")
        if stdin.isatty():
            raise InputError(
                "standard input is a terminal",
                source=display,
                hint="name a file, or pipe one in: dli-hosts check - < FILE",
            )
        handle = os.dup(stdin.fileno())
        with contextlib.suppress(OSError):  # another program may have left a shared pipe not blocking
            os.set_blocking(handle, True)
        return os.fdopen(handle, "rb", buffering=0)
    try:
        file = open(name, "rb", buffering=0)  # noqa: SIM115 (closed by the reader)
    except IsADirectoryError:
        raise InputError(
            "is a directory", source=display, hint=f"name the files in it, for example {name}/*"
        ) from None
    except FileNotFoundError:
        raise InputError("no such file", source=display, hint="check the spelling of the path") from None
    except (OSError, ValueError) as error:
        raise InputError(
            f"cannot be opened: {_reason(error)}", source=display, hint="check its permissions"
        ) from None
    if stat.S_ISDIR(os.fstat(file.fileno()).st_mode):
        file.close()
        raise InputError("is a directory", source=display, hint="name the files in it")
    return file


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _guarded(file: IO[bytes], display: str, progress: Callable[[int], None] | None) -> Callable[[int], bytes]:
    def read(size: int) -> bytes:
        try:
            part = file.read(size)
        except OSError as error:
            raise InputError(
                f"cannot be read to the end: {_reason(error)}",
                source=display,
                hint="copy it to a local disk and try again",
            ) from None
        if part is None:  # the end is an empty read; this is a source that had nothing to give yet
            raise InputError("does not wait for data", source=display, hint="put the data into a file first")
        if progress is not None:
            progress(len(part))
        return part

    return read
