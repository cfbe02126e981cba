"""Values of the `read` table of a jobs file, held to what the reader takes."""

from __future__ import annotations

import codecs

from importer.errors import UsageError
from importer.language import said
from importer.reading.options import ReadOptions
from importer.reading.tables import delimiters
from importer.shown import shown

_CUT = 60


def delimiter_of(mark: str) -> str:
    """Hold a delimiter to what `--delimiter` takes. Raises ValueError."""
    try:
        delimiters(ReadOptions(delimiter=mark))
    except UsageError as fault:
        raise ValueError(str(fault).removeprefix("--delimiter ")) from None
    return mark


DELIMITER_SCHEMA = {
    "type": "string",
    "pattern": r"^(comma|semicolon|tab|pipe|\\t|\\x[0-9A-Fa-f]{2}|[^A-Za-z0-9\"\r\n\u0000])$",
}


def encoding_of(name: str) -> str:
    """Hold the name of a text encoding to those that Python knows. Raises ValueError."""
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        raise ValueError(
            said("{name} is not a text encoding that Python knows", name=shown(name, _CUT))
        ) from None
    return name
