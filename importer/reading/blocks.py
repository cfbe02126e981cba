"""Cut a stream of bytes into blocks of whole lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from importer.columns.arrays import ByteArray
from importer.columns.batch import Block
from importer.columns.kernels import PAD, positions_of
from importer.errors import InputError
from importer.language import said
from importer.reading.options import ReadOptions
from importer.reading.streams import PeekStream

_LF, _CR, _CTRL_Z, _BLANK = 10, 13, 26, 32
_WINDOWS = 4
"""The longest lines of which a block holds this many, so that a small `max_line` keeps blocks small."""
_MOST_LINES = 1 << 17
"""Lines of a block; lists of hosts have fewer in as many bytes."""
_PART = 1 << 18
"""Bytes copied at a time, so that they are still in the cache."""
_NEAR = 1 << 12
"""So many bytes nearly always have a line end among them."""


def blocks(
    stream: PeekStream, options: ReadOptions, share: Callable[[], float] = lambda: 0.0
) -> Iterator[Block]:
    """Blocks of about `block_size` bytes, each ending at a line end; at least one, perhaps empty.

    `share` tells which part of all inputs was read.
    Raises InputError where a line is longer than `max_line` bytes; such a line is never held whole.
    """
    size = max(1, min(options.block_size, _WINDOWS * options.max_line))
    rest = np.empty(0, np.uint8)
    line, at = 1, 0
    while True:
        data, stop, ended = _fill(stream, rest, size)
        too_long = _long_line(data, PAD, stop, options.max_line)
        if too_long is not None:
            before, start = too_long
            raise InputError(
                said(
                    "line {line} is longer than {max_line:,} bytes",
                    line=line + before,
                    max_line=options.max_line,
                ),
                hint=_long_line_hint(data[start : start + options.max_line]),
            )
        if ended and stop > PAD and data[stop - 1] == _CTRL_Z and data[stop - 2] == _LF:
            data[stop - 1] = _BLANK  # the end mark of old systems, on a line of its own
        if ended and stop > PAD and data[stop - 1] != _LF:
            data[stop] = _LF
            stop += 1
        end = stop if ended else _last_line_end(data, PAD + len(rest), stop) + 1
        if end:
            block = Block(data, PAD, end, line, at, last=ended, share=share())
            yield from _parts(block)
            if ended:
                return
            line += block.line_count
            at += end - PAD
            rest = data[end:stop].copy()
        else:
            rest = data[PAD:stop].copy()


def _parts(block: Block) -> Iterator[Block]:
    """The block, in several parts where its lines are so short that arrays over them would be large."""
    if block.line_count <= _MOST_LINES:
        yield block
        return
    cuts = [int(end) + 1 for end in block.line_ends[_MOST_LINES - 1 :: _MOST_LINES]]
    starts, stops = [block.start, *cuts], [*cuts, block.stop]
    for number, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        if start < stop:
            yield replace(
                block,
                start=start,
                stop=stop,
                first_line=block.first_line + number * _MOST_LINES,
                at=block.at + start - block.start,
                last=block.last and stop == block.stop,
            )


def _fill(stream: PeekStream, rest: ByteArray, size: int) -> tuple[ByteArray, int, bool]:
    """A padded buffer with the rest of the last block and up to `size` new bytes, where its text stops, and
    whether the stream has ended."""
    data = np.empty(PAD + len(rest) + size + PAD, np.uint8)
    data[:PAD] = _LF
    stop = PAD + len(rest)
    data[PAD:stop] = rest
    ended = False
    while size > 0 and not ended:
        part = stream.read(min(size, _PART))
        ended = not part
        data[stop : stop + len(part)] = np.frombuffer(part, np.uint8)
        stop += len(part)
        size -= len(part)
    data[stop : stop + PAD] = _LF
    return data, stop, ended


def _long_line(data: ByteArray, low: int, high: int, most: int) -> tuple[int, int] | None:
    """How many lines stand before the first one longer than `most` bytes, and where it begins; None where
    there is not one.

    Such a line fills at least one window of half as many bytes, so only windows without a line end are
    suspicious; and nearly every window has a line end among its first bytes.
    """
    window = (most + 1) // 2
    if all(_has_line_end(data, at, at + window) for at in range(low, high - window + 1, window)):
        return None
    ends = positions_of(data[low:high] == _LF)
    length = np.diff(ends, prepend=-1, append=high - low) - 1
    long = positions_of(length > most)
    if not len(long):
        return None
    before = int(long[0])
    return before, low + (int(ends[before - 1]) + 1 if before else 0)


def _has_line_end(data: ByteArray, low: int, high: int) -> bool:
    near = min(low + _NEAR, high)
    return bool((data[low:near] == _LF).any() or (data[near:high] == _LF).any())


def _last_line_end(data: ByteArray, low: int, high: int) -> int:
    """Position of the last LF between two positions, -1 if there is none."""
    for start in (max(low, high - _NEAR), low):
        ends = positions_of(data[start:high] == _LF)
        if len(ends):
            return int(ends[-1]) + start
    return -1


def _long_line_hint(text: ByteArray) -> str:
    """`text`: as much of the line as may be read, so that the size of a block does not matter."""
    if _CR in text:
        return "its lines end with a lone CR, as on old Macs: tr '\\r' '\\n' < FILE > NEW"
    return "it is probably not a host list; if it is one, raise --max-line"
