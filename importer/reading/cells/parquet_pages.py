"""What the pages of a Parquet file come to when they are unpacked, found before a reader allocates it.

The sizes in the description of the file may be any numbers: what a reader allocates is said in front of each
page. That is a structure in Thrift's compact protocol, of which only the first numbers matter here:

    1: type   2: unpacked bytes   3: packed bytes   4...: passed over
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO, Any

_HEADER = 1 << 16
"""Bytes of the structure in front of a page; with statistics it has some hundreds."""
_MOST_PAGES = 100_000
_DEEPEST = 8
_BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 3, 7, 8, 9, 10, 12
_NUMBERS = (4, 5, 6)


def page_sizes(file: IO[bytes], chunk: Any) -> Iterator[int]:
    """Unpacked bytes of each page of one column in one group of rows, a `ColumnChunkMetaData`.

    Raises OSError where there are no such pages.
    """
    first = chunk.dictionary_page_offset if chunk.has_dictionary_page else None
    at = min(first or chunk.data_page_offset, chunk.data_page_offset)
    end, pages = at + chunk.total_compressed_size, 0
    while at < end:
        file.seek(at)
        try:
            reader = _Reader(file.read(min(_HEADER, end - at)))
            fields = reader.numbers(0)
        except (IndexError, RecursionError, struct.error):
            raise OSError("a page has no description") from None
        unpacked, packed = fields.get(2, -1), fields.get(3, -1)
        pages += 1
        if unpacked < 0 or packed < 0 or pages > _MOST_PAGES:
            raise OSError("a page has no size")
        yield unpacked
        at += reader.at + packed


class _Reader:
    """The bytes of a structure, and how far they were read."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def numbers(self, depth: int) -> dict[int, int]:
        """The whole numbers among the fields of a structure."""
        found, field = dict[int, int](), 0
        if depth > _DEEPEST:
            raise IndexError
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._number()
            kind = head & 15
            if kind in _NUMBERS:
                found[field] = self._number()
            else:
                self._pass_over(kind, depth, in_list=False)
        return found

    def _pass_over(self, kind: int, depth: int, *, in_list: bool) -> None:
        if kind in (1, 2):  # the kind of a field says which of the two it is; in a list it is a byte
            self.at += in_list
        elif kind == _BYTE:
            self.at += 1
        elif kind in _NUMBERS:
            self._number()
        elif kind == _DOUBLE:
            self.at += 8
        elif kind == _BINARY:
            size = self._varint()
            self.at += size
        elif kind in (_LIST, _SET):
            head = self._byte()
            size = head >> 4 if head >> 4 < 15 else self._varint()
            for _ in range(min(size, len(self._data))):
                self._pass_over(head & 15, depth + 1, in_list=True)
        elif kind == _STRUCT:
            self.numbers(depth + 1)
        else:  # a map, which no page has
            raise IndexError

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
