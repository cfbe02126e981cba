"""Why a value is refused, where its text shows it: the hint then names the cause instead of the rule again.

Each cause is a name in `Rule.hints` of the catalogue, and a question to the text of the value, or of the row.
"""

from __future__ import annotations

from collections.abc import Callable

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


def _looks_like_digits(text: str) -> bool:
    """Whether an address has letters that look like digits, and is one once they are replaced."""
    swapped = text.translate(str.maketrans("OolISB", "001158"))
    return swapped != text and is_ipv4(swapped)


_CAUSES: dict[str, tuple[tuple[str, Question], ...]] = {
    "N104": (
        ("blank", _has_blank),
        ("full_width", _is_full_width),
        ("escape", _has_escape),
        ("wrapped", _is_wrapped),
        ("comma", _has_comma),
    ),
    "N103": (("swapped", is_ipv4),),
    "A202": (
        ("blank", _has_blank),
        ("full_width", _is_full_width),
        ("escape", _has_escape),
        ("wrapped", _is_wrapped),
        ("letters", _looks_like_digits),
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
