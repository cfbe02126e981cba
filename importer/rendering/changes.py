"""What a plan does to the hosts of a connection, host by host, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from importer.language import said
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
            yield said(
                "  {sign} {number:,} more {word}; --full shows all",
                sign=sign,
                number=len(hosts) - len(shown),
                word=word,
            )


def markdown_lines(
    sections: Iterable[tuple[str, HostsDiff, tuple[str, ...]]], last: str, *, full: bool = False
) -> Iterator[str]:
    """Changes for a merge request: a heading, hosts and remarks for each connection; then the counts.

    Each line of a block begins with a sign, so that no text of the input can end the block.
    """
    for title, diff, remarks in sections:
        yield f"### {visible(title)}\n\n"
        lines = [line.removeprefix("  ") for line in diff_lines(diff, full=full)]
        lines += [f"# {visible(remark)}" for remark in remarks if remark]
        if lines:
            yield from ("```diff\n", *(f"{line}\n" for line in lines), "```\n\n")
    yield f"{last}\n"
