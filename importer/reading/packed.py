"""Packed files: decompressed while they are read, within bounds; data that are cut short are an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from importer import limits
from importer.errors import InputError
from importer.language import said
from importer.reading.extras import extra_package
from importer.reading.options import ReadOptions
from importer.reading.streams import PeekStream

_CHUNK = 1 << 18
_RATIO_FREE = 16 * limits.MiB
"""Up to this size a high ratio does no harm."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    *((bytes([n]) + b"\x2a\x4d\x18", "zstd") for n in range(0x50, 0x60)),  # a skippable frame
)
_MOST_SILENT = 4 * limits.MiB
"""Packed bytes without content: names, padding, frames to be skipped; a block of any kind has fewer."""
_XZ_MEMORY = 192 * limits.MiB
"""`xz -9` takes 65 MiB to decompress; a file may ask for 4 GiB."""
_ZSTD_BITE = 1 << 10
"""Packed bytes decompressed at a time: 4 of them can stand for 128 KiB, and nothing else bounds that."""


def packing(head: bytes) -> str:
    """How a file that begins with these bytes is packed; empty where it is not."""
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")


def unpacked(raw: PeekStream, kind: str, options: ReadOptions) -> Callable[[int], bytes]:
    """A function that reads up to so many decompressed bytes, none at the end. It raises InputError."""
    packed = _Counted(raw)
    file, damage = _decompressor(packed, kind)
    made = 0

    def read(size: int) -> bytes:
        nonlocal made
        try:
            part: bytes = file.read(min(size, _CHUNK))
        except EOFError:
            raise InputError(
                said("the {kind} data end early, after {made:,} decompressed bytes", kind=kind, made=made),
                hint="the file was cut short: copy or download it again",
            ) from None
        except damage as error:
            if "requires too much memory" in str(error):  # made with zstd --long=28 or more
                raise InputError(
                    "takes more than 128 MiB of memory to decompress",
                    hint="decompress it first: zstd -d --long=31 FILE",
                ) from None
            if kind == "xz" and "emory" in str(error):
                raise InputError(
                    said(
                        "takes more than {XZ_MEMORY} MiB of memory to decompress",
                        XZ_MEMORY=_XZ_MEMORY // limits.MiB,
                    ),
                    hint="decompress it first: xz -d FILE",
                ) from None
            raise InputError(
                said(
                    "the {kind} data are damaged after {made:,} decompressed bytes: {error}",
                    kind=kind,
                    made=made,
                    error=error,
                ),
                hint="copy or download the file again",
            ) from None
        made += len(part)
        refuse_bomb(made, packed.count, options)
        return part

    return read


def refuse_large(made: int, verb: str, options: ReadOptions) -> None:
    """Raise InputError where an input has come to more bytes than it may; `verb` says how it holds them."""
    if made > options.max_decompressed:
        raise InputError(
            said(
                "{verb} more than {max_decompressed:,} bytes",
                verb=verb,
                max_decompressed=options.max_decompressed,
            ),
            hint="if the list is truly that large, raise --max-decompressed",
        )


def refuse_bomb(made: int, packed: int, options: ReadOptions) -> None:
    """Raise InputError where `packed` bytes have become more than they may: `made` bytes so far."""
    refuse_large(made, "decompresses to", options)
    if made > _RATIO_FREE and made > options.max_ratio * max(packed, 1):
        raise InputError(
            said(
                "decompresses to more than {max_ratio} times its size, as a decompression bomb does",
                max_ratio=options.max_ratio,
            ),
            hint="if the list is truly that repetitive, raise --max-ratio",
        )


class _Counted:
    """A PeekStream that counts the bytes it returns."""

    def __init__(self, stream: PeekStream) -> None:
        self._stream = stream
        self.count = 0

    def read(self, size: int) -> bytes:
        """Up to so many bytes; none only at the end."""
        part = self._stream.read(size)
        self.count += len(part)
        return part


def _decompressor(packed: _Counted, kind: str) -> tuple[Any, tuple[type[Exception], ...]]:
    """A file that decompresses, and the exceptions that it raises for damaged data."""
    if kind == "gzip":
        import zlib

        return _Streams(packed, lambda: _GzipMember(zlib), padding=b"\0"), (zlib.error,)
    if kind == "bzip2":
        import bz2

        return _Streams(packed, bz2.BZ2Decompressor), (OSError,)
    if kind == "xz":
        import lzma

        def stream() -> Any:
            return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)

        return _Streams(packed, stream, padding=b"\0"), (lzma.LZMAError, MemoryError)
    zstandard = extra_package("zstandard", "zst", "a zstd file", "decompress it: zstd -d FILE")
    return _Streams(packed, lambda: _ZstdFrame(zstandard), bite=_ZSTD_BITE), (zstandard.ZstdError,)


class _GzipMember:
    """One member with the interface of the standard library's decompressors for other kinds."""

    def __init__(self, zlib: Any) -> None:
        self._member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)

    @property
    def needs_input(self) -> bool:
        return not self._member.unconsumed_tail

    @property
    def eof(self) -> bool:
        return bool(self._member.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._member.unused_data)

    def decompress(self, data: bytes, size: int) -> bytes:
        return bytes(self._member.decompress(self._member.unconsumed_tail + data, size))


class _ZstdFrame:
    """One frame with the interface of the standard library's decompressors; `size` does not bound it."""

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
    """Packed streams one after the other, as parallel packers write them.

    The standard library's files take a damaged later stream for harmless trailing data and drop it
    silently; here it is an error.
    """

    def __init__(
        self, packed: _Counted, make: Callable[[], Any], padding: bytes = b"", bite: int = _CHUNK
    ) -> None:
        self._packed = packed
        self._bite = bite
        self._make = make
        self._padding = padding
        self._current = make()
        self._counted = 0
        """Packed bytes up to the last ones that gave any content."""

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; empty only at the end. Raises EOFError where the data are cut short."""
        while True:
            self._refuse_silence()
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
                self._counted = self._packed.count
                return part

    def _refuse_silence(self) -> None:
        if self._packed.count - self._counted > _MOST_SILENT:
            raise InputError(
                said(
                    "has more than {MOST_SILENT} MiB of packed data without content",
                    MOST_SILENT=_MOST_SILENT // limits.MiB,
                ),
                hint="it is probably damaged; if it is not, decompress it first",
            )

    def _next(self) -> bytes:
        """The beginning of the next stream without the padding before it; empty at the end."""
        while part := self._packed.read(self._bite):
            self._refuse_silence()
            if bare := part.lstrip(self._padding):
                return bare
        return b""
