"""All kinds of texts that are not host lists, in the order in which they are looked for."""

from __future__ import annotations

from importer.reading.foreign import inventories, pages, pasted, resolvers, turned
from importer.reading.foreign.lines import Kind, Lines


def _is_binary(line: bytes) -> bool:
    """Whether more than a tenth of a line are control characters."""
    controls = sum(b < 32 and b not in b"\t\v\f\r\x1b" for b in line[:200])
    return controls > 0.1 * min(len(line), 200)


def _is_binary_data(file: Lines) -> bool:
    return 4 * sum(map(_is_binary, file.lines)) > len(file.lines)


_BINARY = Kind("looks like binary data", "name a text file with one host on each line", _is_binary_data)

AT_ONCE: tuple[Kind, ...] = (*pages.KINDS, *resolvers.KINDS, *inventories.KINDS, *pasted.KINDS)
"""Looked for before hosts syntax, as such a file may hold lines of it."""
LATE: tuple[Kind, ...] = (*pasted.LATE, _BINARY, *turned.KINDS, *pages.LATE)
"""Looked for where neither hosts syntax nor columns were found."""
