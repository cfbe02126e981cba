"""How a source was understood, for the report. Imports nothing heavy."""

from __future__ import annotations

from typing import NamedTuple


class Column(NamedTuple):
    """A column of a table, as a person finds it."""

    number: int
    """From 1."""
    heading: str | None
    role: str
    """`name` or `ip`."""


class Understood(NamedTuple):
    """How a source was understood, beside its syntax and encoding."""

    delimiter: str | None = None
    header: int | None = None
    """Physical line, or row, of the header."""
    name_column: Column | None = None
    ip_column: Column | None = None
    passed_over: tuple[Column, ...] = ()
    """Columns that could have been taken for a role and were not."""
    sheet: str | None = None


UNKNOWN = Understood()
"""Nothing but syntax and encoding."""
