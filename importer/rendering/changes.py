"""What a plan does to the hosts of a connection, host by host, as text."""

from __future__ import annotations

from collections.abc import Iterator

from importer.planning.differences import HostsDiff
from importer.rendering.terminal import paint
from importer.shown import visible

MOST = 20
"""Hosts of each kind that are shown, unless all are asked for."""
_GREEN, _RED, _YELLOW, _FAINT = "32", "31", "33", "2"


def diff_lines(diff: HostsDiff, *, full: bool = False, colour: bool = False) -> Iterator[str]:
    """A line for each host: `+` added, `-` removed, `~` moved, `=` only respelled; and how many more."""
    parts = (
        ("+", _GREEN, "added", diff.added),
        ("-", _RED, "removed", diff.removed),
        ("~", _YELLOW, "moved", [f"{one.former} -> {one.ip} {one.name}" for one in diff.changed]),
        ("=", _FAINT, "respelled", [f"{one.ip} {one.former} -> {one.name}" for one in diff.respelled]),
    )
    for sign, paints, word, hosts in parts:
        shown = hosts if full else hosts[:MOST]
        for host in shown:
            yield paint(f"  {sign} {visible(host)}", paints, colour=colour)
        if len(hosts) > len(shown):
            yield f"  {sign} {len(hosts) - len(shown):,} more {word}; --full shows all"
