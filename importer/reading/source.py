"""From what the user named to a stream of bytes: open it, and decompress it within bounds."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import sys
from collections.abc import Callable
from importlib import import_module
from typing import IO, Any

from importer import limits
from importer.errors import InputError
from importer.reading.options import ReadOptions

STDIN = "<stdin>"
_CHUNK = 1 << 18
_RATIO_FREE = 16 * limits.MiB
"""Below this size a high ratio harms nobody."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    *((bytes([n]) + b"\x2a\x4d\x18", "zstd") for n in range(0x50, 0x60)),  # a frame to be skipped
)
_ZSTD_BITE = 1 << 10
"""Packed bytes handed on at a time: a block of 4 bytes can hold 128 KiB, and there is no other bound."""


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


def open_source(
    name: str, options: ReadOptions, progress: Callable[[int], None] | None = None
) -> tuple[str, PeekStream, IO[bytes]]:
    """Display name, decompressed stream and file to close. Raises InputError.

    `progress` is told the number of bytes read from the file itself.
    """
    display = STDIN if name == "-" else name
    file = _open(name, display)
    try:
        read = _guarded(file, display, progress)
        raw = PeekStream(read)
        head = raw.peek(8)
        for magic, kind in _MAGIC:
            if head.startswith(magic):
                return display, PeekStream(_decompressed(raw, kind, display, options)), file
        return display, raw, file
    except BaseException:
        file.close()
        raise


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


class _Counted(io.RawIOBase):
    """Raw file view of a PeekStream that counts what it hands out."""

    def __init__(self, stream: PeekStream) -> None:
        self._stream = stream
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._stream.read(len(buffer))
        buffer[: len(part)] = part
        self.count += len(part)
        return len(part)


def _decompressed(raw: PeekStream, kind: str, display: str, options: ReadOptions) -> Callable[[int], bytes]:
    packed = _Counted(raw)
    file, damage = _decompressor(packed, kind, display)
    made = 0

    def read(size: int) -> bytes:
        nonlocal made
        try:
            part: bytes = file.read(min(size, _CHUNK))
        except EOFError:
            raise InputError(
                f"the {kind} data end early, after {made:,} decompressed bytes",
                source=display,
                hint="the file was cut short: copy or download it again",
            ) from None
        except damage as error:
            if "requires too much memory" in str(error):  # zstd --long beyond what is usual
                raise InputError(
                    "takes more than 128 MiB of memory to decompress",
                    source=display,
                    hint="decompress it first: zstd -d --long=31 FILE",
                ) from None
            raise InputError(
                f"the {kind} data are damaged after {made:,} decompressed bytes: {error}",
                source=display,
                hint="copy or download the file again",
            ) from None
        made += len(part)
        if made > options.max_decompressed:
            raise InputError(
                f"decompresses to more than {options.max_decompressed:,} bytes",
                source=display,
                hint="if the list is truly that large, raise --max-decompressed",
            )
        if made > _RATIO_FREE and made > options.max_ratio * max(packed.count, 1):
            raise InputError(
                f"decompresses to more than {options.max_ratio} times its size, as a decompression bomb does",
                source=display,
                hint="if the list is truly that repetitive, raise --max-ratio",
            )
        return part

    return read


def _decompressor(packed: _Counted, kind: str, display: str) -> tuple[Any, tuple[type[Exception], ...]]:
    """A file that decompresses, and the exceptions that tell of damaged data."""
    if kind == "gzip":
        import gzip
        import zlib

        return gzip.GzipFile(fileobj=packed), (OSError, zlib.error)
    if kind == "bzip2":
        import bz2

        return _Streams(packed, bz2.BZ2Decompressor), (OSError,)
    if kind == "xz":
        import lzma

        return _Streams(packed, lzma.LZMADecompressor, padding=b"\0"), (lzma.LZMAError,)
    zstandard = extra_package("zstandard", "zst", "a zstd file", display, "decompress it: zstd -d FILE")
    return _Streams(packed, lambda: _ZstdFrame(zstandard), bite=_ZSTD_BITE), (zstandard.ZstdError,)


def extra_package(package: str, extra: str, what: str, display: str, otherwise: str) -> Any:
    """The module that an extra of this package brings. Raises InputError where it is not installed."""
    try:
        return import_module(package)
    except ImportError:
        raise InputError(
            f"is {what}, and {package.replace('_', '-')}, which reads it, is not installed",
            source=display,
            hint=f"pip install 'dli-hosts[{extra}]', or {otherwise}",
        ) from None


class _ZstdFrame:
    """One frame, asked as the standard library's decompressors are; it gives all that it is given holds."""

    needs_input = True

    def __init__(self, zstandard: Any) -> None:
        self._frame = zstandard.ZstdDecompressor().decompressobj()

    @property
    def eof(self) -> bool:
        return bool(self._frame.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._frame.unused_data)

    def decompress(self, data: bytes, size: int) -> bytes:
        return bytes(self._frame.decompress(data))


class _Streams:
    """Packed streams one behind the other, as parallel packers write them.

    The standard library's files take damage in a later stream for harmless trailing data and drop
    the rest in silence; here it is an error.
    """

    def __init__(
        self, packed: _Counted, make: Callable[[], Any], padding: bytes = b"", bite: int = _CHUNK
    ) -> None:
        self._packed = packed
        self._bite = bite
        self._make = make
        self._padding = padding
        self._current = make()

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; empty only at the end. Raises EOFError where the data are cut short."""
        while True:
            if self._current.eof:
                rest = self._current.unused_data.lstrip(self._padding) or self._next()
                if not rest:
                    return b""
                self._current = self._make()
            else:
                rest = b""
                if self._current.needs_input:
                    rest = self._packed.read(self._bite)
                    if not rest:
                        raise EOFError
            part: bytes = self._current.decompress(rest, size)
            if part:
                return part

    def _next(self) -> bytes:
        """The beginning of the next stream, padding left out; empty at the end."""
        while part := self._packed.read(self._bite):
            if bare := part.lstrip(self._padding):
                return bare
        return b""
