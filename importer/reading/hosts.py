"""Hosts syntax as glibc reads it: an address, then names; `#` ends the line.

    10.0.0.1 kafka01 kafka01.example   # broker
    |        |       |                 |
    token 0  token 1 token 2           comment

The tokens of a block are found from its separators. Of each line the first token is the address
and each further one a name; every (address, name) pair is a record.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from importer.columns.arrays import BoolArray, ByteArray, IntArray
from importer.columns.batch import (
    FOREIGN_COMMENT,
    LONE_CR,
    LOST_LINE_END,
    Block,
    Note,
    Notes,
    RecordBatch,
    RowFaults,
    Source,
)
from importer.columns.forms import is_global_ipv6
from importer.columns.ipv4 import parse_ipv4
from importer.columns.kernels import all_bytes, is_member, not_name_byte, positions_of, starts_of_runs
from importer.columns.text import TextColumn, byte_class
from importer.reading.commented import hosts_in_comments
from importer.reading.line_shape import line_shape
from importer.reading.second_address import holds_address, perhaps_addresses

_CR, _LF, _HASH = 13, 10, ord("#")
_SEPARATES = byte_class(b" \t\v\f\r\n#")


def hosts_batch(block: Block, source: Source, header_at: int = -1) -> RecordBatch:
    """The records of one block of hosts syntax. `header_at` is the offset of a header line; -1 for none."""
    hits = positions_of(not_name_byte(block.text)) + block.start
    byte = block.data.take(hits)
    separates = _SEPARATES.take(byte)
    odd = hits[:0]
    if not separates.all():
        odd = hits[~separates]
        hits, byte = hits[separates], byte[separates]

    # Gap number g lies before separator number g; a gap that is not empty, and in no comment, is a token.
    start = np.empty_like(hits)
    start[:1] = block.start
    start[1:] = hits[:-1] + 1
    is_token = hits > start
    line_end = byte == _LF
    marks = _comment_marks(byte == _HASH, line_end)
    comment, many = hits[:0], tuple[Notes, ...]()
    if len(marks.opening):
        _, comment = all_bytes(marks.opening + 1, marks.ending - marks.opening)
        is_token[comment] = False
        many = hosts_in_comments(block, hits[marks.opening], hits[marks.ending] + 1)
    line = np.cumsum(line_end)
    lines = int(line[-1]) if len(line) else 0
    line -= line_end
    token = positions_of(is_token)
    tokens = Tokens(start.take(token), hits.take(token), line.take(token), token)
    notes = tuple[Note, ...]()
    if 0 <= header_at - block.at < block.stop - block.start:
        tokens, notes = _without_header(block, tokens, header_at)
    broken = None
    if (byte == _CR).any():
        broken = _lone_carriage_returns(block, hits, byte, comment, line, tokens)
    refused = _refused(block, tokens, odd, broken)
    records = _records(block, source, tokens, odd, refused, lines - len(notes))
    return replace(records, notes=notes, many=many, lines=lines)


class Tokens(NamedTuple):
    """The t tokens of a block, in order."""

    start: IntArray
    """(t,) first byte."""
    end: IntArray
    """(t,) one past the last byte."""
    line: IntArray
    """(t,) number of its line in the block, from 0."""
    ending: IntArray
    """(t,) number of the separator behind it."""

    def where(self, keep: BoolArray | IntArray) -> Tokens:
        """The tokens that `keep` selects."""
        return Tokens(*(column[keep] for column in self))


class Refused(NamedTuple):
    """What is refused as a whole: lines, or the rest of a line from a token on."""

    token: IntArray
    """Number of the token that stands for the one refused record, ascending."""
    until: IntArray
    """One past the last token that belongs to it."""
    rule: IntArray
    """Which of `ROW_CODES`."""
    at: IntArray
    """Where the finding points."""
    width: IntArray
    """Bytes that it is about."""


def _records(
    block: Block,
    source: Source,
    tokens: Tokens,
    odd: IntArray,
    refused: Refused | None,
    lines: int,
) -> RecordBatch:
    """One record for each name, for each address without a name, and for what is refused as a whole.

    `lines` are those that are records, blank or comments.
    """
    first = starts_of_runs(tokens.line)
    content = int(np.count_nonzero(first))
    whole = np.zeros(0, np.bool_)
    if refused is not None:
        kept = np.ones(len(first), np.bool_)
        _, behind = all_bytes(refused.token + 1, refused.until - refused.token - 1)
        kept[behind] = False
        first[refused.token] = True
        whole = np.zeros(len(first), np.bool_)
        whole[refused.token] = True
        tokens, first, whole = tokens.where(kept), first[kept], whole[kept]
    alone = first.copy()
    alone[:-1] &= first[1:]
    record = positions_of(~first | alone)
    owner = np.cumsum(first).take(record) - 1
    name_line = tokens.line.take(record)
    name_at = name_start = tokens.start.take(record)
    name_end = tokens.end.take(record)
    address = positions_of(first)
    if len(record) + len(address) > len(first):
        # An address without a name is a record too: an empty name right behind the address.
        name_start = np.where(alone.take(record), name_end, name_start)
    ip_start, ip_end = tokens.start.take(address), tokens.end.take(address)
    faults = None
    if refused is not None:
        broken = positions_of(whole.take(record))
        rule, at = np.full(len(owner), -1, np.int64), np.zeros(len(owner), np.int64)
        width = np.zeros(len(owner), np.int64)
        rule[broken], at[broken], width[broken] = refused.rule, refused.at, refused.width
        faults = RowFaults(rule, at, width)
        ip_end[owner[broken]] = ip_start[owner[broken]]  # nothing of it is taken for an address
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
        blank=lines - content,
        share=block.share,
        shape=line_shape(block, tokens) if source.format == "hosts" else None,
    )


def _without_header(block: Block, tokens: Tokens, header_at: int) -> tuple[Tokens, tuple[Note, ...]]:
    """Leave out the line of headings, which gets the note R104."""
    at = header_at - block.at + block.start
    line = int(np.searchsorted(block.line_ends, at))
    return tokens.where(tokens.line != line), (Note("R104", at, {}),)


# --- what is refused as a whole -------------------------------------------------------------------


def _refused(
    block: Block, tokens: Tokens, odd: IntArray, broken: tuple[IntArray, IntArray] | None
) -> Refused | None:
    """R108, R112 and R111, in this order: a line gets the first of them; None where there is nothing."""
    data, line = block.data, tokens.line
    if not len(line):
        return None
    found: list[tuple[IntArray, ...]] = []
    closed = line[:0]
    """Numbers of the lines that are refused already, ascending."""
    if broken is not None:
        closed, at = broken
        found.append((*_tokens_of(line, closed), *_same(len(at), LONE_CR), at, *_same(len(at), 1)))
    foreign = _foreign_comments(data, tokens)
    foreign = foreign[~is_member(line[foreign], closed)]
    foreign = foreign[starts_of_runs(line[foreign])]
    second = _second_addresses(data, tokens, odd, foreign)
    second = second[~is_member(line[second], closed)]
    second = second[starts_of_runs(line[second])]
    foreign = foreign[~is_member(line[foreign], line[second])]
    width = tokens.end - tokens.start
    if len(second):
        low, high = _tokens_of(line, line[second])
        found.append((low, high, *_same(len(low), LOST_LINE_END), tokens.start[second], width[second]))
    if len(foreign):
        _, high = _tokens_of(line, line[foreign])
        at = tokens.start[foreign]
        found.append((foreign, high, *_same(len(high), FOREIGN_COMMENT), at, width[foreign]))
    if not found:
        return None
    columns = [np.concatenate(parts) for parts in zip(*found, strict=True)]
    order = np.argsort(columns[0])
    return Refused(*(column[order] for column in columns))


def _same(count: int, value: int) -> tuple[IntArray]:
    return (np.full(count, value, np.int64),)


def _tokens_of(line: IntArray, number: IntArray) -> tuple[IntArray, IntArray]:
    """The first token of each of these lines, and one past its last one."""
    return np.searchsorted(line, number), np.searchsorted(line, number, side="right")


def _second_addresses(data: ByteArray, tokens: Tokens, odd: IntArray, foreign: IntArray) -> IntArray:
    """Tokens, ascending, that are or hold an address beside the valid one that begins their line.

    `foreign` are the tokens that end what is looked at of their lines.
    """
    line = tokens.line
    names = positions_of(~starts_of_runs(line))
    suspects = names[perhaps_addresses(data, tokens.start[names], tokens.end[names], odd)]
    if not len(suspects):
        return suspects
    low, until = _tokens_of(line, line[suspects])
    if len(foreign):
        cut = np.searchsorted(line[foreign], line[suspects])
        same = line[foreign].take(cut, mode="clip") == line[suspects]
        until = np.where(same, foreign.take(cut, mode="clip"), until)
    value, valid = parse_ipv4(data, tokens.start[low], tokens.end[low])
    valid &= ~((value >> np.uint32(24) == 127) | (value == 0) | (value == np.uint32(0xFFFFFFFF)))
    for i in positions_of(value == 0).tolist():  # not IPv4; a few, as there are few suspects
        valid[i] |= is_global_ipv6(data[tokens.start[low[i]] : tokens.end[low[i]]].tobytes())
    valid &= suspects < until
    suspects, low, until = suspects[valid], low[valid], until[valid]
    _, found = parse_ipv4(data, tokens.start[suspects], tokens.end[suspects])
    done = -1
    for k in positions_of(~found).tolist():
        i, of = int(suspects[k]), int(low[k])
        if of != done:
            own, name = (data[tokens.start[j] : tokens.end[j]].tobytes() for j in (of, i))
            found[k] = holds_address(name, own, followed=i + 1 < until[k])
            done = of if found[k] else done
    return suspects[found]


def _foreign_comments(data: ByteArray, tokens: Tokens) -> IntArray:
    """Tokens that are, or begin with, what opens a comment or a template in other formats, ascending."""
    perhaps = positions_of(_OPENS.take(data.take(tokens.start)))
    first, second = data.take(tokens.start[perhaps]), data.take(tokens.start[perhaps] + 1)
    opens = first == _SEMICOLON
    for sign in _SIGNS:
        opens |= (first == sign[0]) & (second == sign[1])
    found: IntArray = perhaps[opens]
    return found


_SEMICOLON = ord(";")
_SIGNS = (b"//", b"/*", b"--", b"{{", b"${")
_OPENS = byte_class(bytes({_SEMICOLON, *(sign[0] for sign in _SIGNS)}))


class _Marks(NamedTuple):
    """Comments by their separators: the `#` that opens each, and the end of its line."""

    opening: IntArray
    ending: IntArray


def _comment_marks(opening: BoolArray, line_end: BoolArray) -> _Marks:
    """The first `#` of each line that has one, given which separators are which."""
    marks = positions_of(opening)
    if not len(marks):
        return _Marks(marks, marks)
    ends = positions_of(line_end)
    line = np.searchsorted(ends, marks)
    first = starts_of_runs(line)
    return _Marks(marks[first], ends[line[first]])


def _lone_carriage_returns(
    block: Block,
    hits: IntArray,
    byte: ByteArray,
    comment: IntArray,
    line: IntArray,
    tokens: Tokens,
) -> tuple[IntArray, IntArray]:
    """Lines in which a token follows a CR, ascending, and the position of the first such CR in each."""
    cr = positions_of(byte == _CR)
    cr = cr[block.data.take(hits[cr] + 1) != _LF]
    cr = cr[~is_member(cr + 1, comment)]
    if not len(tokens.line):
        return cr[:0], cr[:0]
    following = np.searchsorted(tokens.ending, cr, side="right")
    followed = (following < len(tokens.line)) & (tokens.line.take(following, mode="clip") == line[cr])
    cr = cr[followed]
    cr = cr[starts_of_runs(line[cr])]
    return line[cr], hits[cr]
