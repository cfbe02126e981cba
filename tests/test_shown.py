"""Text of the input as people see it: exact outputs."""

from __future__ import annotations

import json

import pytest

from importer.shown import character, json_safe, shown, visible


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ""),
        ("kafka01 'a' \\", "kafka01 'a' \\"),
        ("团é", "团é"),
        ("a\x1b[2J\n", "a\\x1b[2J\\x0a"),
        ("\x7f\x85\xad", "\\x7f\\x85\\xad"),
        ("\u202ea\u200b\u2028", "\\u202ea\\u200b\\u2028"),
        ("\U000e0001", "\\U000e0001"),
        ("\ue000", "\\ue000"),
        ("\udce9\ud800", "\\xe9\\ud800"),
    ],
)
def test_visible(text: str, told: str) -> None:
    """What is plainly printable stays; all else is an escape, an undecodable byte that of the byte."""
    assert visible(text) == told


@pytest.mark.parametrize(
    ("text", "limit", "told"),
    [("abc", 3, "'abc'"), ("abcd", 3, "'abc...'"), ("\x1b\x1b", 1, "'\\x1b...'"), ("", 0, "''")],
)
def test_shown(text: str, limit: int, told: str) -> None:
    """A value is quoted, and cut by its own characters."""
    assert shown(text, limit) == told


@pytest.mark.parametrize(
    ("char", "told"),
    [
        ("a", "'a'"),
        ("~", "'~'"),
        ("\x7f", "'\\x7f' (U+007F)"),
        ("\t", "'\\x09' (U+0009)"),
        ("é", "'é' (U+00E9)"),
        ("\u202e", "'\\u202e' (U+202E)"),
        ("\udce9", "byte \\xe9"),
        ("\ud800", "'\\ud800' (U+D800)"),
    ],
)
def test_character(char: str, told: str) -> None:
    """A character is named by its number where it is not plain ASCII, a byte by its value."""
    assert character(char) == told


@pytest.mark.parametrize("value", ["plain", "a\x7fb", "##[error] ##vso[task]", "## a", "#"])
def test_json_that_steers_nobody(value: str) -> None:
    """What a terminal or a CI runner would obey is escaped; the value stays the same."""
    text = json_safe(json.dumps(value))
    assert json.loads(text) == value
    assert not any(sign in text for sign in ("\x7f", "##[", "##vso["))
