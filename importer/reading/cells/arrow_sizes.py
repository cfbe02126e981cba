"""How much memory the batches of an Arrow IPC file ask for, found before a reader allocates it.

Buffers of a batch may be compressed. Each has its unpacked size in front, and readers allocate that at once:
a file of a megabyte may ask for any number of gigabytes. The description in the file is in the format of
FlatBuffers. Only what leads to these sizes is read here: tables of fields, of which `_field` finds one, and
vectors of structures.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO

_END = b"ARROW1"
_MAX_DESCRIPTION = 1 << 28
_DICTIONARIES, _BATCHES = 2, 3
"""Numbers of the fields of the footer."""
_HEADER_TYPE, _HEADER = 1, 2
_DICTIONARY_BATCH = 2
_DICTIONARY_DATA = 1
_BUFFERS, _COMPRESSION = 2, 3
_BLOCK, _BUFFER = struct.Struct("<qi4xq"), struct.Struct("<qq")


def batch_sizes(file: IO[bytes]) -> Iterator[int]:
    """Bytes that the compressed buffers of each batch ask for.

    Raises OSError where the description points outside the file, or at nothing.
    """
    try:
        footer = _footer(file)
        for kind in (_DICTIONARIES, _BATCHES):
            for offset, length, _ in _structures(footer, _root(footer), kind, _BLOCK):
                yield _size(file, offset, offset + length)
    except (struct.error, IndexError, OverflowError):
        raise OSError("its description points to nothing") from None


def _footer(file: IO[bytes]) -> bytes:
    """The description at the end of the file."""
    end = file.seek(0, 2) - len(_END) - 4
    file.seek(max(end, 0))
    length, mark = struct.unpack("<i6s", file.read(10))
    if mark != _END or not 0 < length <= min(end, _MAX_DESCRIPTION):
        raise OSError("its end is not the end of an Arrow file")
    file.seek(end - length)
    return file.read(length)


def _size(file: IO[bytes], offset: int, body: int) -> int:
    """Bytes that the compressed buffers of a batch, at `body`, ask for; its message is at `offset`."""
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
    if not _field(message, batch, _COMPRESSION):
        return 0
    total = 0
    for at, size in _structures(message, batch, _BUFFERS, _BUFFER):
        if size >= 8:
            file.seek(body + at)
            total += max(struct.unpack("<q", file.read(8))[0], 0)
    return total


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
    for i in range(count):
        yield kind.unpack_from(data, at + 4 + i * kind.size)
