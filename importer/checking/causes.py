"""Why a value is refused, where its text shows it: the hint then names the cause instead of the rule again.

Each cause is a name in `Rule.hints` of the catalogue, and a question to the text of the value, or of the row.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from importer.checking.repairs import mended_address
from importer.columns.forms import is_ipv4, is_name

Question = Callable[[str], bool]

_BLANKS = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff"


def _has_blank(text: str) -> bool:
    return any(char in _BLANKS + _UNSEEN for char in text)


def _is_full_width(text: str) -> bool:
    """Whether a text has characters of Unicode's full-width forms, which look like ASCII."""
    return any("\uff01" <= char <= "\uff5e" for char in text)


def _has_escape(text: str) -> bool:
    return "\\t" in text or "\\n" in text


def _is_wrapped(text: str) -> bool:
    return text.startswith(("=", "'", '"'))


def _has_comma(text: str) -> bool:
    return "," in text or ";" in text


def _has_letter(letter: str, text: str) -> bool:
    """Whether an address has this letter first of those that look like digits, and is one once all of them
    are replaced."""
    found = next((char for char in text if char in _LIKE_DIGITS), "")
    return found == letter and is_ipv4(text.translate(_DIGITS))


_LIKE_DIGITS = "OolISB"
_DIGITS = str.maketrans(_LIKE_DIGITS, "001158")


def _is_behind_comma(text: str) -> bool:
    """Whether a comma or semicolon, and no blank, parts an address from what follows it."""
    return is_ipv4(text.replace(";", ",").partition(",")[0]) and ("," in text or ";" in text)


def _is_network(text: str) -> bool:
    return "/" in text and mended_address(text) is None


_CAUSES: dict[str, tuple[tuple[str, Question], ...]] = {
    "N104": (
        ("blank", _has_blank),
        ("full_width", _is_full_width),
        ("escape", _has_escape),
        ("wrapped", _is_wrapped),
        ("comma", _has_comma),
    ),
    "N103": (("swapped", is_ipv4),),
    "A206": (
        ("network", _is_network),
        ("mask", lambda text: "/" in text),
        ("port", lambda text: ":" in text),
    ),
    "A202": (
        ("blank", _has_blank),
        ("full_width", _is_full_width),
        ("escape", _has_escape),
        ("wrapped", _is_wrapped),
        *((f"letter_{letter}", partial(_has_letter, letter)) for letter in _LIKE_DIGITS),
        ("behind_comma", _is_behind_comma),
        ("comma", _has_comma),
        ("swapped", is_name),
    ),
}
"""By rule: causes in the order in which they are asked about the value."""
_OF_ROWS: dict[str, tuple[tuple[str, Question], ...]] = {
    "R103": (("backslash", lambda row: '\\"' in row),),
    "R110": (("backslash", lambda row: '\\"' in row),),
}


def cause_of(code: str, value: bytes) -> str:
    """The name of the first cause that the value shows; empty for none."""
    return _first(_CAUSES.get(code, ()), value)


def cause_of_row(code: str, row: bytes) -> str:
    """The same for a rule about a whole row."""
    return _first(_OF_ROWS.get(code, ()), row)


def _first(causes: tuple[tuple[str, Question], ...], raw: bytes) -> str:
    if not causes:
        return ""
    text = raw.decode("utf-8", "replace")
    return next((name for name, asks in causes if asks(text)), "")
