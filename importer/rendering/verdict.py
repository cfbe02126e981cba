"""The verdict: the last line of a report, in words, with the command to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer import limits
from importer.checking.findings import Severity
from importer.language import plural, said
from importer.rendering.terminal import paint
from importer.shown import visible

if TYPE_CHECKING:
    from importer.checking.report import Report
    from importer.rendering.lists import Listing, Lists
    from importer.rendering.reports import Look

_NAMED = 20
_GREEN, _RED = "32", "31"


def verdict(lists: Lists, look: Look) -> str:
    """Whether everything may be sent, how much is in the way, and what to do next."""
    if lists.noun:
        return _of_many(lists, look)
    (listing,) = lists.listings
    assert listing.report is not None
    return _of_one(listing.report, look)


def _of_one(report: Report, look: Look) -> str:
    if report.ok(strict=look.strict):
        text = _ready(report, split=look.split)
        if warnings := report.count(Severity.WARNING):
            text += f", {plural(warnings, 'warning')}"
        more = "" if look.files.endswith(".toml") else " --name NAME --vpc ID --subnet ID"
        return _with_next(paint(text, _GREEN, colour=look.colour), f"plan {look.files}{more}", look)
    errors = report.count(Severity.ERROR)
    if errors:
        refused = report.totals.refused
        text = plural(errors, "error") + (
            said(" in {records}", records=plural(refused, "record")) if refused else ""
        )
    else:
        text = said(
            "{warnings}, and --strict allows none", warnings=plural(report.count(Severity.WARNING), "warning")
        )
    level = Severity.ERROR if errors else Severity.WARNING
    told = [reason for reason in report.reasons if reason.severity == level]
    worst = max(told, key=lambda reason: reason.number)
    text = paint(said("not ready: {text}", text=text), _RED, colour=look.colour)
    if number := sum(report.repairable.get(reason.rule.code, 0) for reason in told):
        least = "" if report.all_looked_at else "at least "
        command = paint(f"dli-hosts fix --diff {look.files}", "1", colour=look.colour)
        return said(
            "{text}; {least}{number:,} can be repaired: {command}",
            text=text,
            least=least,
            number=number,
            command=command,
        )
    return _with_next(text, f"explain {worst.rule.code}", look)


def ready_hosts(report: Report, *, split: bool = False) -> str:
    """How many hosts can be sent, against the limit."""
    ready = report.totals.ready
    if split and ready > limits.MAX_HOSTS:
        connections = -(-ready // limits.MAX_HOSTS)
        return said(
            "{ready:,} hosts for {connections} connections of at most {MAX_HOSTS:,}",
            ready=ready,
            connections=connections,
            MAX_HOSTS=limits.MAX_HOSTS,
        )
    return said("{ready:,} of at most {MAX_HOSTS:,} hosts", ready=ready, MAX_HOSTS=limits.MAX_HOSTS)


def _ready(report: Report, *, split: bool) -> str:
    return said("ready: {hosts}", hosts=ready_hosts(report, split=split))


def _of_many(lists: Lists, look: Look) -> str:
    unreadable = [one for one in lists.listings if one.error]
    errors = [one for one in lists.listings if not one.ok and not one.error and one.count(Severity.ERROR)]
    warned = [one for one in lists.listings if not one.ok and not one.error and not one.count(Severity.ERROR)]
    ready = sum(one.ok for one in lists.listings)
    parts = [paint(said("{ready:,} ready", ready=ready), _GREEN if lists.ok else "1", colour=look.colour)]
    for group, words in ((errors, "with errors"), (warned, "with warnings")):
        if group:
            level = Severity.ERROR if group is errors else Severity.WARNING
            number = plural(sum(one.count(level) for one in group), "finding")
            parts.append(paint(f"{len(group):,} {words} ({number})", _RED, colour=look.colour))
    if unreadable:
        parts.append(
            paint(said("{number:,} that cannot be read", number=len(unreadable)), _RED, colour=look.colour)
        )
    text = f"{plural(len(lists.listings), lists.noun)}: {', '.join(parts)}"
    failed = [*errors, *warned, *unreadable]
    if failed:
        text += f": {names_of(failed)}"
    if lists.faults:
        text += said("; the jobs file has {faults}", faults=plural(len(lists.faults), "fault"))
    return _with_next(text, _next_of_many(lists, failed, look), look)


def _next_of_many(lists: Lists, failed: list[Listing], look: Look) -> str:
    from shlex import quote

    if lists.noun != "connection":
        files = quote(visible(failed[0].name)) if failed else "FILE"
        return f"check {files}" if failed else ""
    if failed:
        return f"check {look.files} --connection {quote(visible(failed[0].name))}"
    return "" if lists.faults else f"plan {look.files}"


def _with_next(text: str, command: str, look: Look) -> str:
    """The command is left out where it is the one that was given."""
    if not command or command == look.command:
        return text
    return said(
        "{text}; next: {value}", text=text, value=paint(f"dli-hosts {command}", "1", colour=look.colour)
    )


def names_of(listings: list[Listing]) -> str:
    """The names of these lists, as many as a person reads."""
    names = [visible(one.name) for one in listings[:_NAMED]]
    more = len(listings) - len(names)
    return ", ".join(names) + (said(" and {more:,} more", more=more) if more else "")
