"""How text of the input is shown to people: nothing in it may steer a terminal, a log or a page."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories that are escaped: controls, bidi and zero-width marks, surrogates, line separators."""


def visible(text: str) -> str:
    """The text with every character that is not plainly printable as `\\x1b`, `\\u202e` and the like."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c if c.isprintable() and unicodedata.category(c) not in _HIDDEN else _escaped(c) for c in text
    )


def shown(text: str, limit: int) -> str:
    """A value in a message: quoted, made visible and cut to `limit` characters."""
    return "'" + visible(text[:limit]) + ("...'" if len(text) > limit else "'")


def text_of(value: object, write: Callable[[object], str] = str) -> str:
    """`str` or `repr` of any object; its class where it has none, as a number of 5,000 digits."""
    try:
        return write(value)
    except Exception:
        return f"<{type(value).__name__}>"


def json_safe(text: str) -> str:
    """JSON in ASCII without anything that steers who reads it: DEL, and commands of a CI runner.

    Of these, `::` is none behind a quotation mark. What is changed stands in strings only.
    """
    if "\x7f" in text:
        text = text.replace("\x7f", "\\u007f")
    if "##" in text:
        text = text.replace("##[", "\\u0023#[").replace("##vso[", "\\u0023#vso[")
    return text


def character(text: str) -> str:
    """One character as a message names it: `'é' (U+00E9)`; a byte that is not UTF-8 as `byte \\xe9`."""
    code = ord(text)
    if 0xDC80 <= code <= 0xDCFF:
        return f"byte \\x{code - 0xDC00:02x}"
    return f"'{visible(text)}' (U+{code:04X})" if code > 126 or code < 32 else f"'{text}'"


def _escaped(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00  # an undecodable byte
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
