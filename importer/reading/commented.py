"""Hosts in the comments of hosts syntax (R117): an address, and a name behind it."""

from __future__ import annotations

import re
from functools import partial

import numpy as np

from importer.columns.arrays import IntArray
from importer.columns.batch import Block, Note, Notes
from importer.columns.kernels import all_bytes, starts_of_runs
from importer.language import Text

_HOST = re.compile(
    rb"([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})[ \t\v\f\r]+"
    rb"(?=([A-Za-z][A-Za-z0-9_.-]{0,127}+\.?)[ \t\v\f\r\n])"
)
"""A form of address, and a valid name; its last dot does not count."""


def hosts_in_comments(block: Block, start: IntArray, end: IntArray) -> tuple[Notes, ...]:
    """A note for each line with a host in its comment; the comments are `data[start:end]`, one a line, each
    with the line end behind it."""
    _, at = all_bytes(start, end - start)
    text = block.data.take(at).tobytes()
    found = at[np.array([match.start() for match in _HOST.finditer(text)], np.int64)]
    if not len(found):
        return ()
    line = np.searchsorted(end, found, side="right")
    first = starts_of_runs(line)
    found, start, end = found[first], start[line[first]], end[line[first]]
    return (Notes("R117", start, partial(_note, block, found, start, end)),)


def _note(block: Block, found: IntArray, start: IntArray, end: IntArray, i: int) -> Note:
    """The note about one of these comments, in which a host begins at `found`."""
    at = int(found[i])
    match = _HOST.match(block.data[at : end[i]].tobytes())
    if match is None:
        raise AssertionError("a host was found here")
    ip, name = match[1], match[2]
    facts = {"ip": ip.decode("ascii"), "name": Text(name.decode("ascii"))}
    keep = ((at, at + len(ip)), (at + match.start(2), at + match.end(2)))
    return Note("R117", int(start[i]), facts, keep=keep)
