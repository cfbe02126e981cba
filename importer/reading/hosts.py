"""Hosts syntax as glibc reads it: an address, then names; `#` ends the line.

    10.0.0.1 kafka01 kafka01.example   # broker
    |        |       |                 |
    token 0  token 1 token 2           comment

The tokens of a block are found from its separators. Of each line the first token is the address
and each further one a name; every (address, name) pair is a record.
"""

from __future__ import annotations

import numpy as np

from importer.columns.arrays import BoolArray, ByteArray, IntArray
from importer.columns.batch import LONE_CR, Block, RecordBatch, RowFaults, Source
from importer.columns.kernels import all_bytes, is_member, not_name_byte, positions_of, starts_of_runs
from importer.columns.text import TextColumn, byte_class

_CR, _LF, _HASH = 13, 10, ord("#")
_SEPARATES = byte_class(b" \t\v\f\r\n#")


def hosts_batch(block: Block, source: Source) -> RecordBatch:
    """The records of one block of hosts syntax."""
    hits = positions_of(not_name_byte(block.text)) + block.start
    byte = block.data.take(hits)
    separates = _SEPARATES.take(byte)
    odd = hits[:0]
    if not separates.all():
        odd = hits[~separates]
        hits, byte = hits[separates], byte[separates]

    # Gap number g lies before separator number g. A gap that is neither empty nor in a comment is a token.
    start = np.empty_like(hits)
    start[:1] = block.start
    start[1:] = hits[:-1] + 1
    is_token = hits > start
    line_end = byte == _LF
    comment = _in_comments(byte == _HASH, line_end)
    is_token[comment] = False
    line = np.cumsum(line_end)
    lines = int(line[-1]) if len(line) else 0
    line -= line_end
    token = positions_of(is_token)
    token_line = line.take(token)
    cr_line = cr_at = hits[:0]
    if (byte == _CR).any():
        cr_line, cr_at = _lone_carriage_returns(block, hits, byte, comment, line, token, token_line)
        # The first token of such a line stands for its one refused record.
        keep = starts_of_runs(token_line) | ~is_member(token_line, cr_line)
        token, token_line = token[keep], token_line[keep]

    first = starts_of_runs(token_line)
    alone = first.copy()
    alone[:-1] &= first[1:]
    record = positions_of(~first | alone)
    names = token.take(record)
    owner = np.cumsum(first).take(record) - 1
    name_line = token_line.take(record)
    name_at = name_start = start.take(names)
    name_end = hits.take(names)
    address = token.take(positions_of(first))
    if len(names) + len(address) > len(token):
        # An address without a name is a record too: an empty name right behind the address.
        name_start = np.where(alone.take(record), name_end, name_start)
    ip_start, ip_end = start.take(address), hits.take(address)

    faults = None
    if len(cr_line):
        broken = positions_of(is_member(name_line, cr_line))
        rule, at = np.full(len(owner), -1, np.int64), np.zeros(len(owner), np.int64)
        rule[broken] = LONE_CR
        at[broken] = cr_at[np.searchsorted(cr_line, name_line[broken])]
        faults = RowFaults(rule, at, np.zeros(len(owner), np.int64))
        ip_end[owner[broken]] = ip_start[owner[broken]]  # so nothing on such a line is taken for an address
    return RecordBatch(
        source=source,
        places=block,
        name=TextColumn(block.data, name_start, name_end, odd),
        name_at=name_at,
        ip=TextColumn(block.data, ip_start, ip_end, odd),
        ip_at=ip_start,
        owner=owner,
        line=name_line + block.first_line,
        faults=faults,
        lines=lines,
        blank=lines - len(address),
        share=block.share,
    )


def _in_comments(opening: BoolArray, line_end: BoolArray) -> IntArray:
    """The gaps between a `#` and the end of its line, ascending; `opening` and `line_end` are separators."""
    marks = positions_of(opening)
    if not len(marks):
        return marks
    ends = positions_of(line_end)
    line = np.searchsorted(ends, marks)
    first = starts_of_runs(line)
    _, gaps = all_bytes(marks[first] + 1, ends[line[first]] - marks[first])
    return gaps


def _lone_carriage_returns(
    block: Block,
    hits: IntArray,
    byte: ByteArray,
    comment: IntArray,
    line: IntArray,
    token: IntArray,
    token_line: IntArray,
) -> tuple[IntArray, IntArray]:
    """Lines in which a token follows a CR, ascending, and the position of the first such CR in each."""
    cr = positions_of(byte == _CR)
    cr = cr[block.data.take(hits[cr] + 1) != _LF]
    cr = cr[~is_member(cr + 1, comment)]
    if not len(token):
        return cr[:0], cr[:0]
    following = np.searchsorted(token, cr, side="right")
    followed = (following < len(token)) & (token_line.take(following, mode="clip") == line[cr])
    cr = cr[followed]
    cr = cr[starts_of_runs(line[cr])]
    return line[cr], hits[cr]
