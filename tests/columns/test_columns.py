"""Questions to a column of texts, places in a block, and what of a text is shown, against plain Python."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import strategies as some
from buffers import AROUND, BETWEEN, laid_out
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer import limits
from importer.columns.batch import Block
from importer.columns.text import TextColumn, byte_class
from importer.shown import character, shown, visible

TEXTS = st.lists(st.one_of(some.NAMES, some.ADDRESSES, st.binary(max_size=6), st.just(b"")), max_size=10)


@examples(2)
@given(TEXTS, st.integers(0, 255), AROUND, BETWEEN)
def test_questions(texts: list[bytes], byte: int, around: bytes, between: bytes) -> None:
    """A column answers for each of its texts what the text itself would answer."""
    column = TextColumn(*laid_out(texts, around, between))
    assert len(column) == len(texts)
    assert list(column.values()) == texts == [column.value(i) for i in range(len(texts))]
    assert column.lengths().tolist() == [len(text) for text in texts]
    assert column.first_byte().tolist() == [text[0] if text else 0 for text in texts]
    assert column.last_byte().tolist() == [text[-1] if text else 0 for text in texts]
    odd = [re.search(rb"[^A-Za-z0-9_.-]", text) for text in texts]
    expected = [
        start + at.start() if at else -1 for start, at in zip(column.start.tolist(), odd, strict=True)
    ]
    assert column.first_odd().tolist() == expected
    known = TextColumn(
        column.data, column.start, column.end, np.flatnonzero(~byte_class(limits.NAME_BYTES)[column.data])
    )
    assert known.first_odd().tolist() == expected
    holding = [i for i, text in enumerate(texts) if bytes([byte]) in text]
    assert column.holding(column.positions(byte)).tolist() == holding
    assert column.holding(np.flatnonzero(column.data == byte)).tolist() == holding


@examples()
@given(TEXTS, st.data(), AROUND, BETWEEN)
def test_selections(texts: list[bytes], data: st.DataObject, around: bytes, between: bytes) -> None:
    """A mask and the numbers it stands for select the same texts."""
    mask = data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    column = TextColumn(*laid_out(texts, around, between))
    kept = [text for text, keep in zip(texts, mask, strict=True) if keep]
    assert list(column.where(np.array(mask, np.bool_)).values()) == kept
    assert list(column.where(np.flatnonzero(np.array(mask, np.bool_))).values()) == kept
    assert list(TextColumn.from_values(kept).values()) == kept


# -- places


@examples(2)
@given(
    st.one_of(some.any_texts(), st.text().map(str.encode), st.binary()), st.integers(0, 70), st.integers(1, 9)
)
def test_places(text: bytes, padding: int, first: int) -> None:
    """Line and column are those that the text before says, a byte that is no UTF-8 being one character."""
    text += b"" if text.endswith(b"\n") else b"\n"
    data = np.frombuffer(b"\n" * padding + text + b"\n" * padding, np.uint8)
    block = Block(data, padding, padding + len(text), first, 0, last=True)
    starts = np.cumsum(
        [0] + [len(c.encode("utf-8", "surrogateescape")) for c in text.decode("utf-8", "surrogateescape")]
    )
    for at in starts[:-1].tolist():
        before = text[:at].decode("utf-8", "surrogateescape")
        line, column = before.count("\n"), len(before) - (before.rfind("\n") + 1)
        assert block.place(padding + at) == (first + line, column + 1)
        assert block.line_of(np.array([padding + at])).tolist() == [first + line]
    assert block.ascii == text.isascii()


@examples()
@given(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])), st.data())
def test_excerpts(line: str, data: st.DataObject) -> None:
    """An excerpt is a stretch of the line, no longer than a screen is wide, with the marked character."""
    assert_line = line + "x" * data.draw(st.sampled_from([1, 150, 400]))
    at = data.draw(st.integers(0, len(assert_line) - 1))
    text = assert_line.encode()
    block = Block(np.frombuffer(b"\n" + text + b"\n", np.uint8), 1, len(text) + 2, 1, 0, last=True)
    marked = assert_line[at]
    place, width = 1 + len(assert_line[:at].encode()), len(marked.encode())
    excerpt = block.excerpt(place, width, [(1, len(text) + 1)])
    assert excerpt is not None
    assert excerpt.text[excerpt.caret : excerpt.caret + excerpt.width] == marked
    assert excerpt.text.removeprefix("...").removesuffix("...") in assert_line
    assert len(excerpt.text) <= 170
    low = data.draw(st.integers(0, len(text)))
    masked = block.excerpt(place, width, [(1 + low, 1 + low)])
    assert masked is not None
    assert masked.text[masked.caret : masked.caret + masked.width] == marked
    rest = masked.text[: masked.caret] + masked.text[masked.caret + masked.width :]
    assert set(rest.removeprefix("...").removesuffix("...")) <= set(" \t\v\f\r#*")


# -- what is shown

HIDDEN = (
    "\x00\x07\x1b\x7f\x85\x9b\xa0\xad\u061c\u180e\u200b\u200f\u2028\u2029\u202e\u2066\u2069"
    "\u3000\ufeff\ue000\ud800\udcff\U000e0001"
)


@examples(3)
@given(st.one_of(st.text(), st.text(HIDDEN + "aé主"), st.text(st.characters())), st.integers(1, 80))
def test_shown(text: str, limit: int) -> None:
    """No control, bidi mark, zero-width character, separator or surrogate of a text is shown as such."""
    for told in (visible(text), shown(text, limit), *map(character, text)):
        told.encode()
        assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for c in told)
        assert all(c == " " or unicodedata.category(c) != "Zs" for c in told)
    assert len(shown(text, limit)) <= 10 * limit + 5


@examples()
@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"])))
def test_plain_text(text: str) -> None:
    """Printable ASCII is shown as it is."""
    assert visible(text) == text
    assert shown(text, 60) == "'" + text[:60] + ("...'" if len(text) > 60 else "'")


def test_hidden_characters() -> None:
    """Each of the characters that steer or deceive is written out."""
    for c in HIDDEN:
        assert visible(c).startswith("\\")
        assert c not in visible("a" + c + "b")
    assert visible("\x1b[31m\u202e") == "\\x1b[31m\\u202e"
    assert visible("\udcff") == "\\xff"
