"""The words that people read: how they are translated, and the small forms that all rooms share.

The English sentence is the source string, as gettext has it, so that a catalogue of translations is all
that a further language needs. Imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Iterable


def plural(number: int, noun: str) -> str:
    """`1 record`, `20,000 records`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def near_miss(word: str, known: Iterable[str]) -> str:
    """` (did you mean --strict?)` where one of the known words is close; else nothing."""
    import difflib

    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""
