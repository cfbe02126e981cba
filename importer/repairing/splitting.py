"""Part a list in two: the lines whose records may be sent, and those that are still refused, for a person.

    10.0.0.1 kafka01 9to5        ->   10.0.0.1 kafka01
    10.0.0.2/24 kafka02 # rack        (nothing)

    rejects:                          10.0.0.1 9to5 # N103
                                      10.0.0.2/24 kafka02 # rack # A206

Both together hold every record. Rows of delimited text go as they are; a row that shares a physical line with
another one, or goes over several lines, stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple

import numpy as np

from importer.checking.catalogue import RULES
from importer.checking.duplicates import Ledger
from importer.checking.examine import RunKeys
from importer.checking.findings import Severity
from importer.checking.one_by_one import OneByOne
from importer.checking.pipeline import judge
from importer.checking.policy import Policy
from importer.checking.tally import Judged
from importer.columns.batch import Block, RecordBatch
from importer.columns.kernels import positions_of
from importer.repairing.rewriting import Codec, stands_alone


class Refused(NamedTuple):
    """A line with records that are refused. Plain values inside, so that it is quickly stored."""

    line: int
    """1-based."""
    codes: tuple[str, ...]
    tokens: tuple[tuple[int, int], ...]
    """Of a line of which a part may be sent: the stretches that go, in characters; none: all of it goes."""
    address: tuple[int, int]
    """Where its address stands, which both parts need."""


class Parted(NamedTuple):
    """What became of a list."""

    moved: int
    """Lines of which at least a part is among the rejects."""
    left: int
    """Lines with refused records that cannot be moved."""


class RefusedLines:
    """The lines of one file with refused records, in order. Iterating raises InputError."""

    def __init__(self, batches: Iterable[RecordBatch], policy: Policy) -> None:
        self._batches, self._policy = batches, policy
        self.header: int | None = None
        """The line of the header, once the first batch was judged."""
        self.delimiter = -1

    def __iter__(self) -> Iterator[Refused]:
        """Read and judge the file."""
        keys, policy = RunKeys.random(), self._policy
        memory = OneByOne(policy) if policy.decides_one_by_one() else Ledger(policy, keys)
        for judged in judge(self._batches, policy, memory, keys):
            batch = judged.examined.batch
            self.header = batch.source.understood.header
            if isinstance(batch.places, Block):
                self.delimiter = batch.places.delimiter
            yield from _of_batch(judged, policy)


def _of_batch(judged: Judged, policy: Policy) -> Iterator[Refused]:
    batch, table = judged.examined.batch, judged.findings
    block = batch.places
    if not isinstance(block, Block):
        return
    is_error = np.array(policy.severity)[table.rule] == Severity.ERROR
    compared = positions_of(is_error & np.array([rule.compares for rule in RULES])[table.rule])
    refused = judged.examined.refused.copy()
    refused[table.record[compared]] = True
    if not refused.any():
        return
    lines = batch.lines_of(np.arange(len(batch))) if batch.row_at is None else block.line_of(batch.row_at)
    told = positions_of(is_error)
    codes_of: dict[int, set[str]] = {}
    for line, rule in zip(lines[table.record[told]].tolist(), table.rule[told].tolist(), strict=True):
        codes_of.setdefault(line, set()).add(RULES[rule].code)
    for line in np.unique(lines[refused]).tolist():
        low, high = np.searchsorted(lines, [line, line + 1]).tolist()
        codes = tuple(sorted(codes_of.get(line, ())))
        gone = [i for i in range(low, high) if refused[i]]
        if batch.row_at is not None or len(gone) == high - low:
            yield Refused(line, codes, (), (0, 0))
            continue
        yield Refused(line, codes, *_stretches(batch, block, gone))


def _stretches(
    batch: RecordBatch, block: Block, gone: list[int]
) -> tuple[tuple[tuple[int, int], ...], tuple[int, int]]:
    """The characters that some records of a line of hosts syntax take, and those of its address."""
    assert batch.owner is not None
    first = int(batch.name_at[gone[0]])
    low, high = block.line_span(first)
    raw = block.data[low:high].tobytes()
    content = raw.partition(b"#")[0]

    def characters(start: int, end: int) -> tuple[int, int]:
        before = len(raw[:start].decode("utf-8", "surrogateescape"))
        return before, before + len(raw[start:end].decode("utf-8", "surrogateescape"))

    stretches = []
    for i in gone:
        at, width = int(batch.name_at[i]) - low, len(batch.name.value(i))
        owner = int(batch.owner[i])
        if not batch.ip.value(owner):  # R112: a comment of another format, to the end of the line
            width = len(content.rstrip()) - at
        stretches.append(characters(at, at + width))
    owner = int(batch.owner[np.searchsorted(batch.owner, batch.owner[gone[0]])])
    at = int(batch.ip_at[owner]) - low
    return tuple(stretches), characters(at, at + len(batch.ip.value(owner)))


def part(
    source: IO[bytes], encoding: str, refused: RefusedLines, kept: IO[bytes], rejects: IO[bytes]
) -> Parted:
    """Write both parts of a file; both have its byte-order mark and its header."""
    head = source.read(4096)
    source.seek(0)
    codec = Codec.of(head, encoding)
    waiting = iter(refused)
    following = next(waiting, None)
    moved = left = 0
    for number, raw in enumerate(_lines(source, codec), 1):
        marks = _marks(raw, codec) if number == 1 else b""
        line = raw[len(marks) :]
        rejects.write(marks)
        if number == refused.header:
            rejects.write(line)
        if following is None or following.line != number:
            kept.write(raw)
            continue
        stays, goes = _parted(line, following, codec, refused.delimiter)
        following = next(waiting, None)
        left += not goes
        moved += bool(goes)
        kept.write(marks + stays)
        rejects.write(goes)
    return Parted(moved, left)


def _marks(raw: bytes, codec: Codec) -> bytes:
    """The byte-order marks that a first line begins with."""
    text = codec.decoded(raw)
    return codec.encoded(text[: len(text) - len(text.lstrip("\ufeff"))])


def _parted(line: bytes, refused: Refused, codec: Codec, delimiter: int) -> tuple[bytes, bytes]:
    """What stays of a line, and what goes."""
    if delimiter >= 0:
        row = line.removesuffix(codec.line_end)
        alone = stands_alone(row, codec, delimiter, broken="R103" in refused.codes)
        return (b"", line) if alone else (line, b"")
    text = codec.decoded(line)
    content = text.rstrip("\r\n")
    end = text[len(content) :] or "\n"
    note = f" # {' '.join(refused.codes)}{end}"
    if not refused.tokens:
        return b"", codec.encoded(content + note)
    address = content[refused.address[0] : refused.address[1]]
    words = [content[start:stop] for start, stop in refused.tokens]
    stays, done = [], 0
    for start, stop in refused.tokens:
        stays.append(content[done:start].rstrip(" \t\v\f") if start > done else "")
        done = stop
    kept = "".join([*stays, content[done:]]) + text[len(content) :]
    return codec.encoded(kept), codec.encoded(" ".join(filter(None, [address, *words])) + note)


def _lines(file: IO[bytes], codec: Codec) -> Iterator[bytes]:
    """The lines of a file, each with its end."""
    rest = b""
    while True:
        read = file.read(1 << 20)
        raw = rest + read
        ends = codec.ends(raw).tolist()
        start = 0
        for end in ends:
            yield raw[start:end]
            start = end
        rest = raw[start:]
        if not read:
            if rest:
                yield rest
            return
