"""What a Parquet file comes to when it is unpacked, found before its reader allocates it.

The sizes in the description of a file may be any numbers, and its reader ends the process at some of them.
What it allocates is said in front of each page. Both are structures in Thrift's compact protocol; the
numbers of their fields are those of `parquet.thrift`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

_END = b"PAR1"
_HEADER = 1 << 16
"""Bytes of the structure in front of a page; with statistics it has some hundreds."""
_LONGEST = 1 << 26
_MOST_VALUES = 3_000_000
"""Values in the description of a file; one of a hundred groups of rows and fifty columns has 150,000."""
_MOST_PAGES = 1_000_000
_DEEPEST = 16
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_NUMBERS = (4, 5, 6)
_FILE_ROWS, _FILE_GROUPS = 3, 4
_GROUP_COLUMNS, _GROUP_ROWS = 1, 3
_COLUMN_DATA = 3
_DATA_PATH, _DATA_PACKED, _DATA_FIRST, _DATA_DICTIONARY = 3, 7, 9, 11
_PAGE_UNPACKED, _PAGE_PACKED = 2, 3


class Chunk(NamedTuple):
    """The pages of one column in one group of rows."""

    column: bytes
    """The name of the column; that of the whole one where it is nested."""
    start: int
    end: int


class Group(NamedTuple):
    """A group of rows."""

    rows: int
    chunks: tuple[Chunk, ...]


def groups_of(file: IO[bytes]) -> list[Group]:
    """The groups of rows as the description at the end of a file has them.

    Raises OSError where it is damaged, or where its numbers of rows contradict each other.
    """
    size = file.seek(0, 2)
    file.seek(max(size - 8, 0))
    length, mark = struct.unpack("<I4s", file.read(8).rjust(8))
    if mark != _END or not 0 < length <= min(size - 8, _LONGEST):
        raise OSError("its end is not that of a Parquet file")
    file.seek(size - 8 - length)
    try:
        whole = _Reader(file.read(length)).structure()
        groups = [
            Group(int(group[_GROUP_ROWS]), tuple(_chunk(column) for column in group[_GROUP_COLUMNS]))
            for group in whole[_FILE_GROUPS]
        ]
        if min((group.rows for group in groups), default=0) < 0 or whole[_FILE_ROWS] != sum(
            group.rows for group in groups
        ):
            raise OSError("its groups have other numbers of rows than the whole")
    except (IndexError, KeyError, TypeError, ValueError):
        raise OSError("its description is damaged") from None
    return groups


def _chunk(column: dict[int, Any]) -> Chunk:
    data = column[_COLUMN_DATA]
    start = min(data.get(_DATA_DICTIONARY) or data[_DATA_FIRST], data[_DATA_FIRST])
    return Chunk(data[_DATA_PATH][0], start, start + data[_DATA_PACKED])


def page_sizes(file: IO[bytes], chunk: Chunk) -> Iterator[int]:
    """Unpacked bytes of each page. Raises OSError where there are no such pages."""
    at, pages = chunk.start, 0
    while at < chunk.end:
        file.seek(max(at, 0))
        reader = _Reader(file.read(min(_HEADER, chunk.end - at)))
        try:
            fields = reader.structure()
            unpacked, packed = int(fields[_PAGE_UNPACKED]), int(fields[_PAGE_PACKED])
        except (IndexError, KeyError, TypeError, ValueError):
            raise OSError("a page has no description") from None
        pages += 1
        if unpacked < 0 or packed < 0 or at < len(_END) or pages > _MOST_PAGES:
            raise OSError("a page has no size, or there are too many")
        yield unpacked
        at += reader.at + packed


class _Reader:
    """Values in Thrift's compact protocol, and how far they were read. Raises IndexError at damage."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0
        self._values = 0

    def structure(self, depth: int = 0) -> dict[int, Any]:
        """The fields of a structure by their numbers: whole numbers, bytes, lists, structures."""
        found, field = dict[int, Any](), 0
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._number()
            kind = head & 15
            found[field] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:
        self._values += 1
        if depth > _DEEPEST or self._values > _MOST_VALUES:
            raise IndexError
        if kind in _NUMBERS:
            return self._number()
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind == _STRUCT:
            return self.structure(depth + 1)
        if kind in (_LIST, _SET):
            head = self._byte()
            size = head >> 4 if head >> 4 < 15 else self._varint()
            return [self._value(head & 15, depth + 1) for _ in range(size)]
        if kind in (_TRUE, _FALSE, _BYTE):  # the first two in a list only
            return self._byte()
        if kind == _DOUBLE:
            return self._bytes(8)
        raise IndexError  # a map, which is in no Parquet file

    def _bytes(self, size: int) -> bytes:
        self.at += size
        if self.at > len(self._data):
            raise IndexError
        return self._data[self.at - size : self.at]

    def _byte(self) -> int:
        self.at += 1
        return self._data[self.at - 1]

    def _varint(self) -> int:
        value = shift = 0
        while shift < 64:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
        raise IndexError

    def _number(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
