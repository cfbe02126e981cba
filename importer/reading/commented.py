"""Hosts in the comments of hosts syntax (R117): an address, and a name behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from importer.columns.arrays import IntArray
from importer.columns.batch import Block, Note
from importer.columns.forms import is_name
from importer.columns.kernels import all_bytes
from importer.language import Text

_HOST = re.compile(
    rb"([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})[ \t\v\f\r]+(?=([A-Za-z][^ \t\v\f\r\n]*))"
)


class _Commented(NamedTuple):
    at: int
    """Position of the address in the block."""
    ip: bytes
    name_at: int
    name: bytes


def hosts_in_comments(block: Block, start: IntArray, end: IntArray) -> list[Note]:
    """A note for each line with a host in its comment; the comments are `data[start:end]`, one a line, each
    with the line end behind it."""
    notes = []
    line = -1
    for found in _found(block, start, end):
        number = int(np.searchsorted(end, found.at, side="right"))
        if number == line:
            continue
        line = number
        facts = {"ip": found.ip.decode("ascii"), "name": Text(found.name.decode("ascii"))}
        keep = ((found.at, found.at + len(found.ip)), (found.name_at, found.name_at + len(found.name)))
        notes.append(Note("R117", int(start[number]), facts, keep=keep))
    return notes


def _found(block: Block, start: IntArray, end: IntArray) -> Iterator[_Commented]:
    """Every address with a valid name behind it, in order."""
    _, at = all_bytes(start, end - start)
    text = block.data.take(at).tobytes()
    for match in _HOST.finditer(text):
        name = match[2]
        if is_name(name.decode("latin-1").removesuffix(".")):
            yield _Commented(int(at[match.start()]), match[1], int(at[match.start(2)]), name)
