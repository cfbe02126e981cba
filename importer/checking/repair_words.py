"""What was wrong where a repair was made, in words. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from importer.language import ENGLISH, translated

CAUSES: Mapping[str, str] = {
    "dot": "a dot at the end of the name",
    "blank": "a blank that is not a space, such as a no-break space",
    "unseen": "a mark that cannot be seen, such as a zero-width space",
    "full_width": "full-width characters",
    "wrapped": "the quotes of a spreadsheet",
    "mask": "a network mask",
    "port": "a port",
    "comma": "a comma or semicolon between address and name",
    "swapped": "name and address are swapped",
    "repeat": "the line is there already",
    "quotes": "quotes around the value",
    "digit": "a digit at the beginning of the name",
    "letters": "letters that look like digits",
}
"""By name: what was wrong, in words."""


def causes_in_words(causes: Iterable[str], language: str = ENGLISH) -> str:
    """What was wrong, as people read it."""
    return ", ".join(translated(CAUSES[cause], language) for cause in causes)
