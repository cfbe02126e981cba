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
from importer.language import said
from importer.reading.options import ReadOptions
from importer.reading.packed import packing, refuse_large, unpacked
from importer.reading.streams import PeekStream
from importer.system import note_read

STDIN = "<stdin>"
_NOT_LISTS = ("_", ".")
"""So begin the names of files in a folder that hold no data: `_SUCCESS`, `._SUCCESS.crc`."""


class Opened(NamedTuple):
    """An input that is open."""

    stream: PeekStream
    """Its content, decompressed."""
    file: IO[bytes]
    """To be closed."""
    plain: io.BufferedReader | None
    """The file itself, for readers that move about in it; None where it is packed or a pipe."""

    def seekable(self, options: ReadOptions) -> IO[bytes]:
        """The content as a file to move about in: the input itself, or a temporary copy.

        Nothing may have been read from the stream. Raises InputError.
        """
        if self.plain is not None:
            self.plain.seek(0)
            return self.plain
        import tempfile

        copy = tempfile.TemporaryFile()  # noqa: SIM115 (closed by the caller)
        size = 0
        try:
            while part := self.stream.read(limits.MiB):
                size += len(part)
                refuse_large(size, "holds", options)
                copy.write(part)
            copy.seek(0)
        except OSError as error:  # of the copy; what is wrong with the input is an InputError
            raise no_room(error) from None
        return copy


def files_of(folder: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The paths of the regular files in a folder in the order of their names, and those of all else in it.

    Files whose names begin with `_` or `.` are left out, too: programs that write folders mark with them what
    holds no data. Raises InputError where no file is there.
    """
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise InputError(
            said("cannot be opened: {error}", error=_reason(error)), hint="check its permissions"
        ) from None
    paths = [os.path.join(folder, name) for name in names]
    files = [path for path in paths if os.path.isfile(path) and not _is_hidden(path)]
    if not files:
        raise InputError(
            said(
                "is a directory with {rest}", rest="no files" if not paths else "no file that can be a list"
            ),
            hint="name the file, or a folder with files whose names do not begin with _ or .",
        )
    taken = set(files)
    return tuple(files), tuple(path for path in paths if path not in taken)


def _is_hidden(path: str) -> bool:
    return os.path.basename(path).startswith(_NOT_LISTS)


def no_room(error: OSError) -> InputError:
    """The error for an input of which no temporary copy can be made."""
    return InputError(
        said("cannot be kept in a temporary file: {error}", error=_reason(error)),
        hint="make room there, or name another folder in TMPDIR",
    )


def open_source(name: str, options: ReadOptions, progress: Callable[[int], None] | None = None) -> Opened:
    """The input of this name, `-` for standard input. Raises InputError.

    `progress` is told the number of bytes read from the file itself.
    """
    file = _open_stdin() if name == "-" else _open(name)
    try:
        read = _guarded(file, progress)
        raw = PeekStream(read)
        kind = packing(raw.peek(8))
        if kind:
            return Opened(PeekStream(unpacked(raw, kind, options)), file, None)
        own = name != "-" and file.seekable()
        return Opened(raw, file, io.BufferedReader(_Watched(file, read)) if own else None)
    except BaseException:
        file.close()
        raise


class _Watched(io.RawIOBase):
    """A file to move about in, all of which is read by a guarded function."""

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


def _open_stdin() -> IO[bytes]:
    stdin = sys.stdin
    if stdin is None or stdin.closed:
        raise InputError("standard input is closed", hint="name a file, or pipe one in")
    handle = os.dup(stdin.fileno())
    note_read(handle)
    with contextlib.suppress(OSError):  # another program may have left a shared pipe in non-blocking mode
        os.set_blocking(handle, True)
    return os.fdopen(handle, "rb", buffering=0)


def _open(name: str) -> IO[bytes]:
    try:
        file = open(name, "rb", buffering=0)  # noqa: SIM115 (closed by the caller)
    except IsADirectoryError:
        raise InputError("is a directory", hint="name the files in it") from None
    except FileNotFoundError:
        raise InputError("no such file", hint="check the spelling of the path") from None
    except (OSError, ValueError) as error:
        raise InputError(
            said("cannot be opened: {error}", error=_reason(error)), hint="check its permissions"
        ) from None
    if stat.S_ISDIR(os.fstat(file.fileno()).st_mode):
        file.close()
        raise InputError("is a directory", hint="name the files in it")
    note_read(file.fileno())
    return file


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _guarded(file: IO[bytes], progress: Callable[[int], None] | None) -> Callable[[int], bytes]:
    """A function that reads from a file, tells how much it read, and raises only InputError."""

    def read(size: int) -> bytes:
        try:
            part = file.read(size)
        except OSError as error:
            raise InputError(
                said("cannot be read to the end: {error}", error=_reason(error)),
                hint="copy it to a local disk and try again",
            ) from None
        if part is None:  # the end is an empty read; None means that there are no data yet
            raise InputError(
                "has no data yet and does not wait for them", hint="put the data into a file first"
            )
        if progress is not None:
            progress(len(part))
        return part

    return read
