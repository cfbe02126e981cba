"""What `plan` and `submit` share about what is there already: ask, refuse what a guard forbids, tell."""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from importer.cli.console import colour_wanted, say
from importer.cli.groups import is_file
from importer.cli.groups.updating import allowed_of
from importer.errors import AgainLater, UsageError
from importer.language import plural, said
from importer.shown import visible

if TYPE_CHECKING:
    from importer.cli.session import Session
    from importer.planning.plan import Plan, PlannedRequest
    from importer.sending.history import Entry
    from importer.sending.journal import Journal
    from importer.sending.preview import Foreseen
    from importer.sending.service import Service


def with_wishes(plan: Plan, options: argparse.Namespace) -> Plan:
    """The plan, with each connection to be updated for which this is asked. Raises UsageError."""
    from importer.planning.updates import REPLACE, Update

    requests = []
    for request in plan.requests:
        if options.update or request.update is not None:
            kept = request.update if request.update is not None and request.update.is_planned else None
            request = replace(request, update=kept or Update(options.mode, pools=options.manage_pools))
        requests.append(request)
    how = f"--mode {options.mode}" if options.mode != REPLACE else ""
    how = how or ("--manage-pools" if options.manage_pools else "")
    if how and not any(wishes(requests)):
        raise UsageError(said("{how} says how to update", how=how), hint="say --update too")
    return replace(plan, requests=tuple(requests))


def without_wishes(plan: Plan) -> Plan:
    """The plan, with no update but those that are planned: nobody has looked what the others overwrite."""
    bare = (replace(one, update=None) if wish else one for one, wish in _with_wish(plan.requests))
    return replace(plan, requests=tuple(bare))


def wishes(requests: Sequence[PlannedRequest]) -> Iterator[bool]:
    """For each request, whether an update is asked for of which it is not known what it overwrites."""
    return (wish for _, wish in _with_wish(requests))


def _with_wish(requests: Sequence[PlannedRequest]) -> Iterator[tuple[PlannedRequest, bool]]:
    for request in requests:
        yield request, request.update is not None and not request.update.is_planned


def foresee_all(
    service: Service, entry_of: Callable[[str], Entry], plan: Plan, options: argparse.Namespace
) -> list[Foreseen]:
    """What there is to do for each request, as the service and the journal say now. Raises ImporterError."""
    from importer.sending.preview import foresee

    allowed = allowed_of(options)
    with asking():
        return [foresee(service, entry_of(one.name), one, allowed) for one in plan.requests]


@contextlib.contextmanager
def asking() -> Iterator[None]:
    """Say it in one sentence where the service cannot be asked. Raises AgainLater, UsageError."""
    from importer.sending.retry import Halted, Reason
    from importer.sending.service import LookUpFailed

    try:
        yield
    except Halted as halted:
        if halted.reason in (Reason.THROTTLED, Reason.OUTAGE, Reason.INTERRUPTED):
            raise AgainLater(
                said("the service could not be asked: {halted}", halted=halted),
                hint="try again later; nothing was sent",
            ) from None
        raise UsageError(
            said("the service could not be asked: {halted}", halted=halted),
            hint="correct that; nothing was sent",
        ) from None
    except LookUpFailed as error:
        raise UsageError(
            said("the service could not be asked: {error}", error=error),
            hint="try again later; nothing was sent",
        ) from None


def refused(foreseen: Sequence[Foreseen]) -> bool:
    """Whether a guard forbids one of the updates that are asked for; each is told."""
    found = [one for one in foreseen if one.refused and one.request.update is not None]
    for one in found:
        say(visible(f"{one.request.name}: {one.refused}"))
    return bool(found)


def summary(foreseen: Sequence[Foreseen]) -> str:
    """The last line: how many of each action, and what updates do to hosts."""
    from importer.sending.preview import ACTIONS, CONFLICT, CREATE, UNCHANGED, UPDATE

    counts = {action: sum(one.action == action for one in foreseen) for action in ACTIONS}
    sizes = [sum(len(one.diff[part]) for one in foreseen) for part in range(4)]
    changes = "+{:,} -{:,} ~{:,}".format(*sizes[:3]) + (f" ={sizes[3]:,}" if sizes[3] else "")
    parts = [
        said("{counts:,} to create", counts=counts[CREATE]),
        said("{counts:,} to update", counts=counts[UPDATE]) + (f" ({changes})" if counts[UPDATE] else ""),
        said("{counts:,} unchanged", counts=counts[UNCHANGED]),
        said("{counts:,} in conflict", counts=counts[CONFLICT]),
    ]
    others = [action for action in ACTIONS if action not in (CREATE, UPDATE, UNCHANGED, CONFLICT)]
    parts += [f"{counts[action]:,} {action}" for action in others if counts[action]]
    return f"plan: {', '.join(parts)}"


def row_lines(one: Foreseen, *, full: bool, colour: bool) -> Iterator[str]:
    """A request with its action, and below it each host that an update changes."""
    from importer.rendering.changes import diff_lines

    request = one.request
    hosts = plural(request.count, "host")
    origin = said(" from {sources}", sources=", ".join(request.sources)) if request.sources else ""
    counts = one.diff.counts() if any(one.diff) else ""
    told = "; ".join(filter(None, (counts, one.refused, one.remark)))
    yield visible(f"{one.action}: {request.name}, {hosts}{origin}{f' ({told})' if told else ''}") + "\n"
    for line in diff_lines(one.diff, full=full, colour=colour):
        yield f"{line}\n"


def look_up(plan: Plan, session: Session, journal: Journal, options: argparse.Namespace) -> list[Foreseen]:
    """What is there to do, which is told but for what stays as it is; nothing is sent yet."""
    from importer.sending.preview import UNCHANGED

    with session.service() as service:
        foreseen = foresee_all(service, journal.entry, plan, options)
    if not options.quiet:
        colour = colour_wanted(sys.stderr)
        for one in foreseen:
            if one.action != UNCHANGED:
                say("".join(row_lines(one, full=options.full, colour=colour)).rstrip("\n"))
        say(summary(foreseen))
    return foreseen


_OF_ROLLBACK = (
    *("sandbox", "data", "journal", "credentials", "token_file", "ca_bundle", "proxy", "allow_endpoint"),
)


def options_of_rollback(options: argparse.Namespace) -> str:
    """The options of this run that a rollback needs too; its backup says where to send."""
    words = []
    for action in options.parser._actions:
        value = getattr(options, action.dest, None) if action.dest in _OF_ROLLBACK else None
        if value is True:
            words.append(action.option_strings[-1])
        elif value:
            each = value if isinstance(value, list) else [value]
            files = [os.path.abspath(one) if is_file(action) else one for one in each]
            words += [word for one in files for word in (action.option_strings[-1], one)]
    return "".join(f" {shlex.quote(word)}" for word in words)
