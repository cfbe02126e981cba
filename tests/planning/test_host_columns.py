"""Bodies made of whole columns: byte for byte those of the library's own way, host by host."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer import check, limits, read
from importer.checking.options import CheckOptions
from importer.checking.policy import Policy
from importer.columns.ipv4 import parse_ipv4
from importer.columns.joining import framed
from importer.columns.text import TextColumn
from importer.planning.host_columns import HostBlock, HostBlocks
from importer.planning.host_lines import host_block, hosts_of_small
from importer.planning.plan import PlannedRequest, plan_request
from importer.planning.preparing import blocks_of, prepare_list
from importer.planning.request import Connection
from importer.planning.terms import Terms, requests

texts = st.lists(st.binary(max_size=40), max_size=12)
marks = st.tuples(st.binary(max_size=8), st.binary(max_size=16), st.binary(max_size=8))


@examples(2)
@given(texts, texts, marks, st.integers(0, 20))
def test_framed(
    first: list[bytes], second: list[bytes], frame: tuple[bytes, bytes, bytes], room: int
) -> None:
    """Lines hold the texts between the three parts of the frame, wherever the texts stand in their buffer."""
    n = min(len(first), len(second))
    columns = []
    for values in (first[:n], second[:n]):
        column, space = TextColumn.from_values(values), np.full(room, 7, np.uint8)
        columns.append(
            TextColumn(np.concatenate([space, column.data, space]), column.start + room, column.end + room)
        )
    before, between, after = frame
    expected = b"".join(before + a + between + b + after for a, b in zip(first, second, strict=False))
    assert framed(*columns, frame).tobytes() == expected


addresses = st.builds("10.{}.{}.{}".format, *[st.sampled_from([0, 1, 9, 10, 100, 255])] * 3)
names = st.sampled_from(["a", "A", "ab", "a-b.c", "b", "x" * 128]) | st.from_regex(
    r"[a-z][A-Za-z0-9-]{0,30}", fullmatch=True
)
lists = st.lists(st.tuples(addresses, st.lists(names, min_size=1, max_size=3)), min_size=1, max_size=30)


def slow_way(path: Path, connection: Connection, terms: Terms) -> Iterator[PlannedRequest]:
    """The requests of a list by the library's own way: pairs of strings through the model of the request."""
    checked = check(read(str(path)), split=terms.split, on_conflict=terms.on_conflict)
    several = terms.several(len(checked.records))
    for request in requests(connection, checked.pairs(), several=several):
        yield plan_request(request.body(), [str(path)], asdict(checked.report.totals))


@examples(1)
@given(lists, st.sampled_from(["first", "last", "keep"]), st.integers(1, 9), st.booleans())
def test_as_the_library_makes_them(
    entries: list[tuple[str, list[str]]], on_conflict: str, most: int, csv: bool
) -> None:
    """Bodies, digests and numbers are those of strings and models, split or not, whoever wins a conflict."""
    connection = Connection(name="c", vpc="V", subnet="S", pools=("p",), tags={"k": "v"})
    terms = Terms(split=True, skip_refused=True, on_conflict=on_conflict)
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(limits, "MAX_HOSTS", most)
        path = Path(folder, "list")
        if csv:
            rows = [f"{ip},{name}\n" for ip, line in entries for name in line]
            path.write_text("".join(["ip,name\n", *rows]))
        else:
            path.write_text("".join(f"{ip}\t{' '.join(line)}\n" for ip, line in entries))
        policy = Policy.of(CheckOptions(split=True, on_conflict=on_conflict))
        made = prepare_list(connection, terms, blocks_of(read(str(path)), policy), [str(path)])
        slow = list(slow_way(path, connection, terms))
    assert made.requests == tuple(slow)
    assert [one.content for one in made.requests] == [one.content for one in slow]
    assert [one.hosts for one in made.requests] == [one.hosts for one in slow]


@examples(2)
@given(st.lists(st.tuples(addresses, names), max_size=40))
def test_what_is_distinct(hosts: list[tuple[str, str]]) -> None:
    """Digest and number of distinct hosts are those that are found line by line, with many of one address."""
    ip, name = (TextColumn.from_values([one[i].encode() for one in hosts]) for i in (0, 1))
    block = HostBlock.of(ip, name, parse_ipv4(ip.data, ip.start, ip.end)[0])
    lines = host_block({"ip": one, "name": other} for one, other in hosts)
    assert block.lines.tobytes() == lines
    assert [column.start.tolist() for column in block.columns()] == [
        [at.start + 7 for at in _spans(lines)],
        [at.start + 17 + len(ip) for at, (ip, _) in zip(_spans(lines), hosts, strict=True)],
    ]
    if hosts:
        assert block.distinct() == hosts_of_small(lines)
    assert len(HostBlocks([block])) == len(hosts)


def _spans(lines: bytes) -> list[slice]:
    """Where each line stands."""
    ends = [n + 1 for n, byte in enumerate(lines) if byte == 10]
    return [slice(low, high) for low, high in zip([0, *ends], ends, strict=False)]
