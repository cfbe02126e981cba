"""What a rule is and what a finding is. Imports nothing heavy: `explain` needs only this."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Literal, NamedTuple

Field = Literal["name", "ip", "row", "file"]


class Severity(enum.IntEnum):
    """How bad a finding is: an error refuses its record, the others do not."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The word users see: `info`, `warning` or `error`."""
        return self.name.lower()


class Rule(NamedTuple):
    """One row of the catalogue: the code people script against and every word said about it."""

    code: str
    slug: str
    severity: Severity
    field: Field
    """What a finding of this rule is about."""
    message: str
    """`str.format` template: the fault first, the value quoted, the bound named."""
    hint: str
    what: str
    """When exactly it is told."""
    why: str
    example: str
    remedy: str
    fixed: bool = False
    """True where the rule can be neither lowered nor hidden."""
    fate: Literal["", "skipped", "merged"] = ""
    """What becomes of the record while the severity is below error; empty: it is sent."""


@dataclass(frozen=True)
class Place:
    """Where something stands: a source and its 1-based physical line (or index label)."""

    source: str
    line: int | str


class Excerpt(NamedTuple):
    """A stretch of the physical line of a finding, cells of no concern masked."""

    text: str
    caret: int
    """0-based position in `text` of the character the finding points at."""
    width: int
    """Number of characters of `text` the finding is about, at least 1."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One place where a rule is broken, worded for people."""

    code: str
    slug: str
    severity: Severity
    source: str | None
    line: int | str | None
    """1-based physical line; the index label where the source is a DataFrame."""
    column: int | None
    """1-based character in the line."""
    field: Field
    value: str | None
    """The name or address alone, never the row; None for `row` and `file`."""
    message: str
    hint: str
    related: Place | None = None
    """The first record, for D3xx."""
    excerpt: Excerpt | None = None
