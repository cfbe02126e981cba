"""What a rule is and what a finding is. Imports nothing heavy: `explain` needs only this."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

from importer.columns.excerpts import Excerpt
from importer.language import ENGLISH, Text, worded

Field = Literal["name", "ip", "row", "file"]
Per = Literal["record", "address", "row", "source", "list"]
Fate = Literal["", "skipped", "merged"]
SettledBy = Literal["", "skip_refused", "on_conflict", "split"]


_LABELS = ("", "info", "warning", "error")
"""By number of a severity."""


class Severity(enum.IntEnum):
    """How bad a finding is: an error refuses its record, the others do not."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The word users see: `info`, `warning` or `error`."""
        return _LABELS[self]


class Rule(NamedTuple):
    """One row of the catalogue: the code people script against, all that the program wants to know of the
    rule, and every word said about it. Nobody asks what a code looks like; a field here says it."""

    code: str
    slug: str
    severity: Severity
    field: Field
    """What a finding of this rule points at."""
    per: Per
    """What is told once: a record; an address, which all names of its line share; a row, or line; a source;
    the whole list."""
    message: str
    """`str.format` template over the facts of a finding: the fault first, the bound named."""
    hint: str
    """What to do, in the same way."""
    what: str
    """When exactly it is told."""
    why: str
    example: str
    remedy: str
    fixed: bool = False
    """True where the rule can be neither lowered nor hidden."""
    fate: Fate = ""
    """What becomes of the record while the severity is below error; empty: it is sent."""
    ends: bool = False
    """Whether a record that it refuses or skips is not examined further."""
    settled_by: SettledBy = ""
    """What lets a list with errors of this rule be sent all the same; empty: nothing does."""
    compares: bool = False
    """Whether it is told in view of other records; all other rules judge each record by itself."""
    softens: bool = False
    """Whether a warning becomes an info where each name of the line is ready on another line."""
    messages: Mapping[str, str] = {}
    """Messages that stand in place of `message`, by the name of the cause."""
    hints: Mapping[str, str] = {}
    """Hints that stand in place of `hint` where the cause, or what was decided, is known; by its name."""

    def fate_at(self, severity: int) -> str:
        """What becomes of a record that this rule is told of at this severity: `refused`, `skipped`,
        `merged` or `sent`."""
        return "refused" if severity == Severity.ERROR else self.fate or "sent"


@dataclass(frozen=True)
class Place:
    """Where something stands: a source and its 1-based physical line (or index label)."""

    source: str
    line: int | str


class FixEdit(NamedTuple):
    """A stretch of the source, and what is written in its place. Lines and columns count from 1."""

    line: int
    column: int
    end_line: int
    end_column: int
    """The first character that stays."""
    text: str


class Fix(NamedTuple):
    """What settles a finding."""

    safe: bool
    """Whether it loses nothing and the line can mean only this; else only `fix --unsafe` does it."""
    causes: tuple[str, ...]
    """What was wrong, see `importer.checking.repair_words`."""
    text: str
    """What is to stand in the place of the value."""
    edits: tuple[FixEdit, ...]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One place where a rule is broken, as facts. `message` and `hint` are their words in English."""

    rule: Rule
    severity: Severity
    source: str | None
    line: int | str | None
    """1-based physical line; the index label where the source is a DataFrame."""
    column: int | None
    """1-based character in the line."""
    value: str | None = None
    """The name or address alone, never the row; None for `row` and `file`."""
    ip: str | None = None
    """The address cell of the record; None where there is none."""
    name: str | None = None
    """The name cell of the record; None where there is none."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the templates of the rule name; see `importer.language` for the kinds of facts."""
    cause: str = ""
    """Which of the rule's `messages` and `hints` fits; empty: its `message` and `hint` do."""
    related: Place | None = None
    """The first record, for rules that compare."""
    excerpt: Excerpt | None = None
    fix: Fix | None = None
    """How `fix` repairs it; None where it cannot, or where nobody looked."""

    @property
    def code(self) -> str:
        """The code of the rule."""
        return self.rule.code

    @property
    def slug(self) -> str:
        """The short name of the rule."""
        return self.rule.slug

    @property
    def field(self) -> Field:
        """What the finding points at."""
        return self.rule.field

    @cached_property
    def message(self) -> str:
        """What is wrong, in English; several reports of one run word it once."""
        return self._message_in(ENGLISH)

    @cached_property
    def hint(self) -> str:
        """What to do, in English."""
        return self._hint_in(ENGLISH)

    def message_in(self, language: str) -> str:
        """What is wrong, in a language of `importer.language`."""
        return self.message if language == ENGLISH else self._message_in(language)

    def hint_in(self, language: str) -> str:
        """What to do, in a language of `importer.language`."""
        return self.hint if language == ENGLISH else self._hint_in(language)

    def help_in(self, language: str) -> str:
        """The hint, and what `fix` writes where that is safe."""
        hint = self.hint_in(language)
        if self.fix is None or not self.fix.safe:
            return hint
        return worded(
            "{hint}; dli-hosts fix writes {text}", {"hint": hint, "text": Text(self.fix.text)}, language
        )

    def _message_in(self, language: str) -> str:
        return worded(self.rule.messages.get(self.cause, self.rule.message), self.facts, language)

    def _hint_in(self, language: str) -> str:
        return worded(self.rule.hints.get(self.cause, self.rule.hint), self.facts, language)
