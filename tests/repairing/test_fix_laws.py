"""What holds for every list that is repaired, whatever is in it."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from fixing import fixed, parted
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from strategies import ADDRESSES, NAMES, Shape, any_texts, delimited_texts, shapes

from importer.checking.findings import Finding
from importer.checking.options import CheckOptions
from importer.checking.pipeline import collect
from importer.checking.policy import Policy
from importer.checking.report import Report
from importer.errors import InputError
from importer.reading.read import read

SIGNS = [
    *("\u00a0", "\u3000", "\u200b", "\ufeff", "\uff0c", "\uff0e", "\u3002", "\uff1b", "\uff0f"),
    *(",", ";", " , ", ".", "/32", "/24", "/25", ":80", "'", '="', '"', "#"),
]


@st.composite
def faulty_words(draw: st.DrawFn) -> bytes:
    """A name or an address with a sign in it that a repair may be about."""
    plain = st.sampled_from(
        ["10.0.0.1", "10.0.0.2", "10.0.0.255", "10.0.1.0", "a", "A", "b", "kafka01", "localhost", "9x", "c.d"]
    )
    word = draw(plain)
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2]))):
        at = draw(st.sampled_from([0, len(word), len(word) // 2]))
        word = word[:at] + draw(st.sampled_from(SIGNS)) + word[at:]
    if draw(st.integers(0, 9)) == 0:
        word = word.translate({code: code + 0xFEE0 for code in range(0x30, 0x7B)})
    if draw(st.integers(0, 19)) == 0:
        word = f'="{word}"'
    return word.encode()


@st.composite
def faulty_texts(draw: st.DrawFn) -> bytes:
    """Hosts syntax with faults of these kinds, and lines that come again."""
    words = st.one_of(faulty_words(), faulty_words(), faulty_words(), ADDRESSES, NAMES)
    lines = st.lists(words, min_size=1, max_size=4).map(b" ".join)
    text = draw(st.lists(lines, min_size=1, max_size=5))
    text += draw(st.lists(st.sampled_from(text), max_size=3))
    end = draw(st.sampled_from([b"\n", b"\n", b"\r\n"]))
    return end.join(draw(st.permutations(text))) + draw(st.sampled_from([b"", end]))


def ready(text: bytes, folder: Path, **reading: Any) -> set[tuple[str, str]]:
    """The hosts that would be sent."""
    path = folder / "list"
    path.write_bytes(text)
    _, hosts = collect(read(str(path), **reading), Policy.of(CheckOptions()))
    return set(hosts.pairs())


def findings(text: bytes, folder: Path, **reading: Any) -> tuple[Finding, ...]:
    """What `check` says of a text."""
    path = folder / "list"
    path.write_bytes(text)
    report, _ = collect(read(str(path), **reading), Policy.of(CheckOptions()))
    return report.findings


def hold_laws(text: bytes, folder: Path, **reading: Any) -> None:
    """All laws about one text; one that cannot be read is left alone."""
    try:
        before = ready(text, folder, **reading)
    except InputError:
        return
    result = fixed(text, **reading)
    again = fixed(result.text, **reading)
    assert again.text == result.text
    assert again.diff == b""
    assert not again.outcome.repaired
    assert before <= ready(result.text, folder, **reading)
    assert not [one for one in findings(result.text, folder, **reading) if one.fix and one.fix.safe]
    offered = Counter(one.code for one in findings(text, folder, **reading) if one.fix and one.fix.safe)
    assert offered == Counter({code: n for code, n in result.outcome.repaired.items() if code != "D301"})
    if not result.outcome.repaired:
        assert result.text == text
        assert result.diff == b""
    changed = Counter(result.text.split(b"\n")) - Counter(text.split(b"\n"))
    assert changed.total() <= result.outcome.lines
    assert patched(text, result.diff, folder) == result.text


def patched(text: bytes, diff: bytes, folder: Path) -> bytes:
    """What `patch` makes of a text and a diff."""
    if not diff:
        return text
    (folder / "list").write_bytes(text)
    subprocess.run(
        ["patch", "--binary", "-s", "-p0"],
        cwd=folder,
        input=diff,
        check=True,
        capture_output=True,
        timeout=60,
    )
    return (folder / "list").read_bytes()


@examples(0.4)
@given(faulty_texts())
def test_faulty_lines(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    """Lists that are full of what can be repaired."""
    hold_laws(text, tmp_path_factory.getbasetemp(), syntax="hosts")


@examples(0.2)
@given(any_texts())
def test_any_text(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    """Lists of any kind."""
    hold_laws(text, tmp_path_factory.getbasetemp())


@examples(0.2)
@given(faulty_texts())
def test_parted(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    """What is kept has no refused record, nothing ready is lost, and both parts hold every record."""
    folder = tmp_path_factory.getbasetemp()
    whole = fixed(text, syntax="hosts").text
    kept, rejects = parted(text, syntax="hosts")
    before, after, other = (counted(part, folder) for part in (whole, kept, rejects))
    assert after.totals.refused == 0
    assert after.totals.ready == before.totals.ready
    assert after.totals.records + other.totals.records == before.totals.records
    assert ready(kept, folder, syntax="hosts") == ready(whole, folder, syntax="hosts")


def counted(text: bytes, folder: Path) -> Report:
    """The report on a text in hosts syntax."""
    (folder / "list").write_bytes(text)
    report, _ = collect(read(str(folder / "list"), syntax="hosts"), Policy.of(CheckOptions()))
    return report


@examples(0.2)
@given(st.data())
def test_rows(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Delimited text of any layout."""
    shape = data.draw(shapes())
    options = shape.for_reader()
    text = data.draw(st.one_of(delimited_texts(shape), faulty_rows(shape)))
    hold_laws(text, tmp_path_factory.getbasetemp(), **options)


@st.composite
def faulty_rows(draw: st.DrawFn, shape: Shape) -> bytes:
    """Delimited text with faults that can be repaired."""
    rows = (
        [shape.arranged(b"ip", b"name", b"note")]
        if shape.header
        else [shape.arranged(b"10.9.9.9", b"f", b"x")]
    )
    for _ in range(draw(st.integers(1, 6))):
        cells = shape.arranged(
            draw(faulty_words()), draw(faulty_words()), draw(st.sampled_from([b"x", b"y"]))
        )
        if draw(st.booleans()) and shape.quotes:
            cells = [b'"' + cell.replace(b'"', b'""') + b'"' for cell in cells]
        rows.append(cells)
    rows += draw(st.lists(st.sampled_from(rows), max_size=2))
    return b"".join(shape.delimiter.join(row) + b"\n" for row in rows)


def test_address_and_comma() -> None:
    """An address and the comma behind it are repaired in one run."""
    assert fixed("\uff11\uff10.0.0.1 ,a\n".encode(), syntax="hosts").text == b"10.0.0.1 a\n"
