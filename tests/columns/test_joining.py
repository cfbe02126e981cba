"""Lines made of two columns, against plain Python."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.columns.joining import joined
from importer.columns.text import TextColumn

IPS = st.ip_addresses(v=4).map(lambda ip: str(ip).encode())
NAMES = st.text("abcXYZ019.-_", min_size=1, max_size=128).map(str.encode)
PAIRS = st.lists(st.tuples(IPS, NAMES), max_size=20)


def laid_out(pairs: list[tuple[bytes, bytes]], gaps: list[bytes], ends: list[bytes]) -> list[TextColumn]:
    """Both columns in one buffer, as in a file: a gap between the two, an end behind them."""
    data, spans = bytearray(), []
    for (ip, name), gap, end in zip(pairs, gaps, ends, strict=True):
        at = len(data)
        data += ip + gap + name + end
        spans.append((at, at + len(ip), at + len(ip) + len(gap), at + len(ip + gap + name)))
    buffer = np.frombuffer(bytes(data), np.uint8)
    columns = np.array(spans, np.int64).reshape(-1, 4).T.copy()
    return [TextColumn(buffer, columns[0], columns[1]), TextColumn(buffer, columns[2], columns[3])]


@examples(2)
@given(PAIRS, st.data(), st.sampled_from(b", "))
def test_lines(pairs: list[tuple[bytes, bytes]], draw: st.DataObject, separator: int) -> None:
    """Whatever stands between and behind the texts, and whoever else does, the lines are the pairs'."""
    usual = draw.draw(st.booleans())
    gap = st.just(b" ") if usual else st.sampled_from([b" ", b",", b"", b"\t  ", b",junk,"])
    end = st.just(b"\n") if usual else st.sampled_from([b"\n", b"\r\n", b"", b".", b"  # x\n" + b"y" * 200])
    size = len(pairs)
    gaps, ends = (draw.draw(st.lists(kind, min_size=size, max_size=size)) for kind in (gap, end))
    first, second = laid_out(pairs, gaps, ends)
    if draw.draw(st.booleans()):
        keep = draw.draw(st.lists(st.booleans(), min_size=size, max_size=size))
        mask = np.array(keep, np.bool_)
        first, second = first.where(mask), second.where(mask)
        pairs = [pair for pair, kept in zip(pairs, keep, strict=True) if kept]
    if draw.draw(st.booleans()):
        second = second.copied(slice(None))
    lines = joined(first, second, separator).tobytes()
    assert lines == b"".join(ip + bytes([separator]) + name + b"\n" for ip, name in pairs)


def test_many_lines() -> None:
    """More lines than are worked on at a time come one after the other all the same."""
    pairs = [(b"10.%d.%d.%d" % (i >> 16, i >> 8 & 255, i & 255), b"n%d" % i) for i in range(40_000)]
    for gap in (b" ", b"  "):
        first, second = laid_out(pairs, [gap] * len(pairs), [b"\n"] * len(pairs))
        lines = joined(first, second, ord(",")).tobytes()
        assert lines == b"".join(ip + b"," + name + b"\n" for ip, name in pairs)
