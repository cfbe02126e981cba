"""Widths on a terminal, lines cut around a fault, and lines that command no CI runner."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.rendering.terminal import fitted, left_part, right_part, width_of, without_commands
from importer.shown import visible

TEXT = st.text(st.sampled_from("ab 文字é\u0301ｆ가🙂-."), max_size=60)


@pytest.mark.parametrize(
    ("text", "columns"),
    [("abc", 3), ("é", 1), ("e\u0301", 1), ("文字", 4), ("ｆ", 2), ("가", 2), ("각", 2), ("", 0)],
)
def test_width(text: str, columns: int) -> None:
    """Wide characters fill two columns; marks and later parts of Korean syllables fill none."""
    assert width_of(text) == columns


def test_width_against_wcwidth() -> None:
    """Every character that is shown has the width that wcwidth gives it, but symbols of later Unicodes."""
    wcwidth = pytest.importorskip("wcwidth").wcwidth
    odd = [
        char
        for char in map(chr, range(0x20, 0x30000))
        if visible(char) == char and wcwidth(char) not in (width_of(char), -1)
    ]
    assert {unicodedata.category(char) for char in odd} <= {"So", "No"}
    assert len(odd) < 300


@examples()
@given(before=TEXT, marked=TEXT, after=TEXT, room=st.integers(16, 120))
def test_fitted(before: str, marked: str, after: str, room: int) -> None:
    """The parts fill the room at most, what is left is from the right places, and the fault stays in view."""
    left, middle, right = fitted(before, marked, after, room)
    assert width_of(left + middle + right) <= room
    assert before.endswith(left.removeprefix("...") if left != before else left)
    assert marked.startswith(middle)
    assert (middle == marked) or width_of(marked) > room - 6
    assert after.startswith(right.removesuffix("...") if right != after else right)
    if width_of(before + marked + after) <= room:
        assert (left, middle, right) == (before, marked, after)


@examples()
@given(text=TEXT, columns=st.integers(0, 70))
def test_parts(text: str, columns: int) -> None:
    """A part fills its columns at most; one character more would not fit."""
    left, right = left_part(text, columns), right_part(text, columns)
    assert text.startswith(left)
    assert text.endswith(right)
    assert max(width_of(left), width_of(right)) <= columns
    assert left == text or width_of(text[: len(left) + 1]) > columns


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("::error::x", "\\x3a:error::x"),
        ("  ::x", "  \\x3a:x"),
        ("\x1b[1m::x", "\x1b[1m\\x3a:x"),
        ("a ##[b ##vso[c", "a \\x23#[b \\x23#vso[c"),
        ("name at ::1", "name at ::1"),
    ],
)
def test_without_commands(line: str, shown: str) -> None:
    """Only what a runner takes for a command is changed."""
    assert without_commands(line) == shown
