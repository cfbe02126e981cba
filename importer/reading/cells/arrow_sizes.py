"""How much memory the batches of an Arrow IPC file ask for, found before a reader allocates it.

Buffers of a batch may be compressed. Each has its unpacked size in front, and readers allocate that at once:
a file of a megabyte may ask for any number of gigabytes. The description in the file is in the format of
FlatBuffers. Only what leads to these sizes is read here: tables of fields, of which `_field` finds one, and
vectors of structures.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO, NamedTuple

from importer.language import said

_END = b"ARROW1"
FIRST_MESSAGE = len(_END) + 2
"""Where the message begins that describes the columns, which is the first one."""
_MAX_DESCRIPTION = 1 << 28
_PADDING = 80
"""Bytes between two batches: those up to a multiple of 64, and a mark at the end of all."""
MOST_BATCHES = 10_000
"""Batches, or groups of rows, in one file; each one costs time, however few rows it has."""
_DICTIONARIES, _BATCHES = 2, 3
"""Numbers of the fields of the footer."""
_HEADER_TYPE, _HEADER = 1, 2
_DICTIONARY_BATCH = 2
_DICTIONARY_DATA = 1
_LENGTH, _BUFFERS, _COMPRESSION = 0, 2, 3
_BLOCK, _BUFFER = struct.Struct("<qi4xq"), struct.Struct("<qq")


class BatchSize(NamedTuple):
    """What a batch comes to."""

    rows: int
    """0 for the texts of a dictionary."""
    size: int
    """Bytes that its compressed buffers ask for."""


def batch_sizes(file: IO[bytes]) -> Iterator[BatchSize]:
    """What each batch comes to, those of dictionaries first.

    Raises OSError where the description points outside the file, at nothing, or twice at the same bytes.
    """
    try:
        footer, footer_at = _footer(file)
        blocks = [
            list(_structures(footer, _root(footer), kind, _BLOCK)) for kind in (_DICTIONARIES, _BATCHES)
        ]
        _refuse_gaps(sorted(blocks[0] + blocks[1]), _after_schema(file), footer_at)
        for kind, of_a_kind in enumerate(blocks):
            for offset, length, _ in of_a_kind:
                yield _batch(file, offset, offset + length, rows=kind == 1)
    except (struct.error, IndexError, OverflowError, ValueError):
        raise OSError("its description points to nothing") from None


def _refuse_gaps(blocks: list[tuple[int, ...]], start: int, end: int) -> None:
    """Raise OSError unless the batches fill the file from `start` to `end`, each part of it once.

    A batch that the description does not name would be lost, and one that it names often would be many.
    """
    if len(blocks) > MOST_BATCHES:
        raise OSError(
            said(
                "it has {number:,} batches, more than {MOST_BATCHES:,}",
                number=len(blocks),
                MOST_BATCHES=MOST_BATCHES,
            )
        )
    for offset, length, body in [*blocks, (end, 0, 0)]:
        if not 0 <= offset - start <= _PADDING or length < 0 or body < 0:
            raise OSError("its batches do not follow one another")
        start = offset + length + body


def _after_schema(file: IO[bytes]) -> int:
    """Where the message ends that describes the columns, which is the first one."""
    file.seek(FIRST_MESSAGE)
    first, length = struct.unpack("<ii", file.read(8))
    return FIRST_MESSAGE + int(8 + length if first == -1 else 4 + first)


def _footer(file: IO[bytes]) -> tuple[bytes, int]:
    """The description at the end of the file, and where it begins."""
    end = file.seek(0, 2) - len(_END) - 4
    file.seek(max(end, 0))
    length, mark = struct.unpack("<i6s", file.read(10))
    if mark != _END or not 0 < length <= min(end, _MAX_DESCRIPTION):
        raise OSError("its end is not the end of an Arrow file")
    file.seek(end - length)
    return file.read(length), end - length


def _batch(file: IO[bytes], offset: int, body: int, *, rows: bool) -> BatchSize:
    """What a batch comes to whose message is at `offset`, and whose buffers are at `body`."""
    file.seek(offset)
    first, length = struct.unpack("<ii", file.read(8))
    if first != -1:  # files before version 0.15 have no -1 before the length
        length = first
        file.seek(offset + 4)
    if not 0 < length <= _MAX_DESCRIPTION:
        raise OSError("a batch has no description")
    message = file.read(length)
    root = _root(message)
    kind = message[_field(message, root, _HEADER_TYPE)]
    batch = _table(message, root, _HEADER)
    if kind == _DICTIONARY_BATCH:
        batch = _table(message, batch, _DICTIONARY_DATA)
    at = _field(message, batch, _LENGTH) if rows else 0
    count = int(struct.unpack_from("<q", message, at)[0]) if at else 0
    if count < 0:
        raise OSError("a batch has no number of rows")
    if not _field(message, batch, _COMPRESSION):
        return BatchSize(count, 0)
    total = 0
    for at, size in _structures(message, batch, _BUFFERS, _BUFFER):
        if size >= 8:
            file.seek(body + at)
            total += max(struct.unpack("<q", file.read(8))[0], 0)
    return BatchSize(count, total)


def _root(data: bytes) -> int:
    return int(struct.unpack_from("<I", data)[0])


def _field(data: bytes, table: int, number: int) -> int:
    """Position of a field of a table; 0 where the table lacks it."""
    layout = table - struct.unpack_from("<i", data, table)[0]
    size = struct.unpack_from("<H", data, layout)[0]
    place = 4 + 2 * number
    offset = struct.unpack_from("<H", data, layout + place)[0] if place < size else 0
    return table + offset if offset else 0


def _table(data: bytes, table: int, number: int) -> int:
    """Position of the table that a field refers to."""
    at = _field(data, table, number)
    return at + int(struct.unpack_from("<I", data, at)[0])


def _structures(data: bytes, table: int, number: int, kind: struct.Struct) -> Iterator[tuple[int, ...]]:
    """The structures of the vector that a field refers to; none where the table lacks the field."""
    if not _field(data, table, number):
        return
    at = _table(data, table, number)
    count = struct.unpack_from("<I", data, at)[0]
    if count * kind.size > len(data) - at:
        raise IndexError
    for i in range(count):
        yield kind.unpack_from(data, at + 4 + i * kind.size)
