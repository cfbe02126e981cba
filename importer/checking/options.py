"""What a caller can say about judging; every default is right for ordinary lists."""

from __future__ import annotations

from typing import NamedTuple

from importer import limits

NAMES_CHOICES = ("all", "first")
CONFLICT_CHOICES = ("refuse", "first", "last", "keep")


class CheckOptions(NamedTuple):
    """How to judge; the command line has an option of the same name for each."""

    names: str = "all"
    """One of NAMES_CHOICES; `first`: take only the first name of a hosts line."""
    cidr: tuple[str, ...] = ()
    """Networks of which one must hold each address."""
    only: tuple[str, ...] = ()
    """CIDRs or name globs; records that match none are left out."""
    exclude: tuple[str, ...] = ()
    """CIDRs or name globs; records that match one are left out."""
    keep_local: bool = False
    keep_trailing_dot: bool = False
    on_conflict: str = "refuse"
    """One of CONFLICT_CHOICES: what becomes of a name at a second address."""
    split: bool = False
    """The list is for several connections, so that no limit binds it."""
    ignore: tuple[str, ...] = ()
    """Codes of findings to hide."""
    error: tuple[str, ...] = ()
    """Codes to raise to error."""
    warn: tuple[str, ...] = ()
    """Codes to lower, or raise, to warning."""
    max_findings: int = 10_000
    """Findings kept for each code, 0 for all; the counts are exact all the same."""
    max_infos: int | None = None
    """The same for codes at info; None: as `max_findings`."""
    excerpts: bool = False
    """Keep the physical line of each finding that is kept."""
    max_excerpts: int | None = None
    """Findings of each code that keep it, the first ones; None: all."""
    max_hosts: int = limits.MAX_HOSTS
    """Records that one connection holds."""
    max_records: int = limits.MAX_RECORDS
