"""Any bytes at all, in any encoding, packed or piped: a report or an InputError, and the same one."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

import pytest
import strategies as some
from agreement import assert_balanced, checked, outcome, renamed, report_of, written
from hypothesis import assume, example, given
from hypothesis import strategies as st
from profiles import examples
from reasons import without

from importer.checking.report import Report
from importer.errors import InputError
from importer.rendering.reports import Look
from importer.rendering.reports.json import report_object
from importer.rendering.reports.text import report_lines

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}
BYTES = st.one_of(st.binary(max_size=200), some.damaged(some.any_texts()))
BLOCK_SIZES = st.sampled_from([1, 7, 64, 1 << 20])
SYNTAXES = st.sampled_from(["", "", "hosts", "csv"])

# -- any bytes


def assert_told(data: bytes, syntax: str, block: int) -> None:
    """The bytes give a report that can be shown safely, or an InputError that can."""
    refusal = None
    with written(data) as names:
        try:
            report, hosts = checked(names, {"excerpts": True}, syntax=syntax, block_size=block)
        except InputError as error:
            refusal = error
    if refusal is not None:
        assert refusal.source == names[0]
        assert refusal.message.isprintable()
        assert refusal.hint.isprintable()
        return
    assert_balanced(report)
    assert len(list(hosts.pairs())) == len(hosts) == report.totals.ready
    assert all(line.isprintable() for line in report_lines(report, Look(verbose=True)))
    assert json.dumps(report_object(report), ensure_ascii=True).isprintable()


@examples(2)
@example(b'ip,name\n\x00\r"\n', "", 1)
@given(BYTES, SYNTAXES, BLOCK_SIZES)
def test_any_bytes(data: bytes, syntax: str, block: int) -> None:
    """Any bytes give a report or an InputError, and nothing that steers a terminal comes out of them."""
    assert_told(data, syntax, block)


@examples()
@given(BYTES, st.sampled_from(list(PACKERS.values())), SYNTAXES, BLOCK_SIZES)
def test_any_bytes_packed(data: bytes, pack: Callable[[bytes], bytes], syntax: str, block: int) -> None:
    """So do any bytes in a container."""
    assert_told(pack(data), syntax, block)


@examples()
@given(some.damaged(st.builds(lambda pack, text: pack(text), st.sampled_from(list(PACKERS.values())), BYTES)))
def test_damaged_containers(data: bytes) -> None:
    """So does a damaged container."""
    assert_told(data, "", 64)


@examples()
@given(some.any_texts(), st.sampled_from(list(PACKERS)), st.data())
def test_truncated_containers(text: bytes, kind: str, data: st.DataObject) -> None:
    """A container that is cut short cannot be read: it is never taken for a shorter list."""
    packed = PACKERS[kind](text)
    magic = {"gzip": 2, "bzip2": 3, "xz": 6}[kind]
    cut = packed[: data.draw(st.integers(magic, len(packed) - 1))]
    with written(cut) as names, pytest.raises(InputError):
        checked(names, {})


@examples(0.5)
@given(
    some.any_texts(),
    st.sampled_from(["utf-8", "gb18030", "cp1252", "utf-16", "utf-16-le", "utf-7", "shift_jis"]),
)
def test_any_bytes_in_any_encoding(text: bytes, encoding: str) -> None:
    """Bytes that are not of the encoding they are said to be in give a report or an InputError too."""
    said = outcome(text, encoding=encoding)
    assert isinstance(said, Report) or said.isprintable()


# -- containers


@contextmanager
def piped(data: bytes) -> Iterator[None]:
    """Standard input is a pipe that holds these bytes."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(data)
    with os.fdopen(reading) as stdin, mock.patch("sys.stdin", stdin):
        yield


def outcome_of_pipe(data: bytes, block: int) -> Report | str:
    """The report on what comes through a pipe, or what the program says where it cannot read it."""
    with piped(data):
        try:
            return renamed(checked(["-"], {}, block_size=block)[0])
        except InputError as error:
            return error.message


@examples(0.5)
@given(some.any_texts(), BLOCK_SIZES)
def test_containers(text: bytes, block: int) -> None:
    """What is packed, and what comes through a pipe, reads as the file itself."""
    assume(len(text) < 1 << 15)
    plain = outcome(text)
    for pack in PACKERS.values():
        assert outcome(pack(text), block_size=block) == plain
    assert outcome_of_pipe(text, block) == plain
    assert outcome_of_pipe(gzip.compress(text), block) == plain


def test_members() -> None:
    """A gzip file of several members is the list of all of them, as gzip itself reads it."""
    packed = gzip.compress(b"10.0.0.1 a\n") + gzip.compress(b"10.0.0.2 b\n")
    assert report_of(packed) == report_of(b"10.0.0.1 a\n10.0.0.2 b\n")


def test_bounds_of_decompression() -> None:
    """Data that grow beyond a bound cannot be read."""
    bomb = gzip.compress((b"#" * 1_000 + b"\n") * 20_000)
    assert outcome(bomb) == "decompresses to more than 200 times its size, as a decompression bomb does"
    assert outcome(bomb, max_decompressed=1_000_000) == "decompresses to more than 1,000,000 bytes"
    assert isinstance(outcome(bomb, max_ratio=10_000), Report)


# -- encodings


def alike(one: Report | str, other: Report | str) -> None:
    """Two readings differ in the encoding they name, and in R106, alone."""
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    assert _without_encoding(one) == _without_encoding(other)


def _without_encoding(report: Report) -> Report:
    sources = tuple(replace(source, encoding="") for source in report.sources)
    return replace(without(report, "R106"), sources=sources)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_missing_mark(encoding: str) -> None:
    """Bytes that lack the byte-order mark of the encoding they are said to be in cannot be a traceback."""
    assert isinstance(outcome(b"ip,name\n10.0.0.1,a\n", encoding=encoding), Report | str)


TEXTS = some.any_texts().map(lambda text: text.decode("utf-8", "ignore").lstrip("\ufeff"))


@pytest.mark.parametrize("encoding", ["utf-32", "UTF-16", "utf_16_be", "shift_jis", "utf-7", "cp037"])
def test_codecs(encoding: str) -> None:
    """Whatever text encoding Python knows can be named, however many bytes it takes for a character."""
    text = "ip,name\n10.0.0.1,a\n"
    alike(report_of(text.encode()), report_of(text.encode(encoding), encoding=encoding))


@examples(0.5)
@given(TEXTS, BLOCK_SIZES)
def test_encodings(text: str, block: int) -> None:
    """A text says the same in UTF-8 and UTF-16, with a byte-order mark, and wherever it is named."""
    options = {"excerpts": True}
    plain = outcome(text.encode(), options, block_size=block)
    for encoding, mark in (
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
    ):
        alike(plain, outcome(mark + text.encode(encoding), options, block_size=block))
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"):
        alike(plain, outcome(text.encode(encoding), options, block_size=block, encoding=encoding))


@examples()
@given(TEXTS, BLOCK_SIZES)
def test_utf_16_without_a_mark(text: str, block: int) -> None:
    """ASCII as UTF-16 without a byte-order mark is found out, and R106 says so."""
    text = text.encode("ascii", "ignore").replace(b"\0", b"").decode()
    assume(len(text) > 1)
    plain = outcome(text.encode(), block_size=block)
    for encoding in ("utf-16-le", "utf-16-be"):
        other = outcome(text.encode(encoding), block_size=block)
        alike(plain, other)
        assert isinstance(other, str) or other.counts["R106"] == 1


@examples()
@given(some.delimited_texts(some.Shape()), BLOCK_SIZES)
def test_gb18030(text: bytes, block: int) -> None:
    """A file with a Chinese header reads the same in GB18030 as in UTF-8, and R106 says so."""
    rows = text.decode("utf-8", "ignore").partition("\n")[2]
    listed = "业务IP,主机名称,备注\n" + rows
    plain = outcome(listed.encode(), block_size=block)
    other = outcome(listed.encode("gb18030"), block_size=block)
    alike(plain, other)
    assert isinstance(other, str) or other.counts["R106"] == 1
