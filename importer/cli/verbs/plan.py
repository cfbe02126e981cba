"""`plan`: what would be sent, in one file that a person can read; sends nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from importer.cli.console import colour_wanted, say, write_results
from importer.cli.foreseeing import (
    foresee_all,
    refused,
    row_lines,
    summary,
    wishes,
    with_wishes,
    without_wishes,
)
from importer.cli.groups import Group, add_talk, file_name, given
from importer.cli.groups.account import add_account, target_of
from importer.cli.groups.updating import add_updating
from importer.cli.planning import NotPlanned, add_planning, make_plan
from importer.errors import UsageError
from importer.language import plural, said
from importer.rendering.pretty import json_text
from importer.shown import visible
from importer.statuses import CHANGES, CLEAN, FINDINGS

if TYPE_CHECKING:
    from importer.calling.account import Target
    from importer.planning.plan import Plan
    from importer.rendering.lists import Lists
    from importer.sending.preview import Foreseen


def add_options(verb: argparse.ArgumentParser) -> None:
    """The options of `plan`."""
    verb.epilog = "example: dli-hosts plan jobs.toml -o fleet.plan && dli-hosts submit fleet.plan"
    own = Group("own", verb)
    own.add("-o", "--output", metavar="PLAN", help="keep the plan there, for submit; only you can read it")
    own.add(
        "--output-format",
        choices=("text", "json", "markdown"),
        default="text",
        help="json for scripts; markdown: the changes, for a merge request",
    )
    own.add("--online", action="store_true", help="ask the service what is there already")
    own.add(
        "--journal",
        reads=True,
        metavar="FILE",
        type=file_name,
        help="with --online: file that records what was sent (default: that of the endpoint and project)",
    )
    own.add("--detailed-exitcode", action="store_true", help="exit with 3 if there is anything to do")
    add_planning(verb)
    add_updating(verb)
    add_account(verb)
    add_talk(verb)


def run(options: argparse.Namespace) -> int:
    """Make the plan, say what it comes to, and keep it if a file is named."""
    if not options.online:
        for option in (*_journal_option(options), *given(options, "updating")):
            raise UsageError(
                said("{option} has a meaning with --online only", option=option), hint="say --online too"
            )
    # A mistake in the account is told before lists are read.
    target = target_of(options) if options.online else None
    plan = make_plan(options)
    if isinstance(plan, NotPlanned):
        if options.output_format == "json" and options.output != "-":
            _write_findings(plan.lists, options)
        return plan.status
    from importer.sending.preview import UNCHANGED, unseen

    if target is None:
        asked = any(wishes(plan.requests))
        plan = without_wishes(plan)
        foreseen = [unseen(request) for request in plan.requests]
        if asked and not options.quiet:
            say(said("update = true is not planned without --online: what is there is not known"))
    else:
        foreseen = _look_up(with_wishes(plan, options), options, target)
        plan = replace(plan, requests=tuple(one.request for one in foreseen), known_digest="", file=None)
    forbidden = refused(foreseen)
    if options.output not in (None, "-") and not forbidden:
        from importer.planning.plan import write_plan

        write_plan(plan, options.output)
    _write(plan, foreseen, options, kept=not forbidden)
    if forbidden:
        return FINDINGS
    changes = any(one.action != UNCHANGED for one in foreseen)
    return CHANGES if options.detailed_exitcode and changes else CLEAN


def _journal_option(options: argparse.Namespace) -> tuple[str, ...]:
    return ("--journal",) if options.journal else ()


def _write(plan: Plan, foreseen: list[Foreseen], options: argparse.Namespace, *, kept: bool) -> None:
    if options.output == "-":
        from importer.planning.plan import plan_lines

        write_results(plan_lines(plan) if kept else (), None)
    elif options.output_format == "json":
        body = {
            "schema_version": 1,
            "digest": plan.digest,
            "online": options.online,
            "summary": _counts(foreseen),
            "requests": [_row(one) for one in foreseen],
        }
        write_results([json_text(body, 2), "\n"], None)
    elif options.output_format == "markdown":
        write_results(_markdown(foreseen, full=options.full), None)
    else:
        colour = colour_wanted(sys.stdout)
        write_results(
            (line for one in foreseen for line in row_lines(one, full=options.full, colour=colour)), None
        )
    if options.quiet:
        return
    place = said(", kept in {output}", output=options.output) if options.output and kept else ""
    count = plural(len(foreseen), "request")
    say(
        visible(
            said(
                "{count} planned, digest {digest}{place}; nothing was sent",
                count=count,
                digest=plan.digest[:16],
                place=place,
            )
        )
    )
    if not options.online:
        say(said("the service was not asked what it has already; --online asks"))
    from importer.sending.preview import CREATE, UPDATE

    to_do = kept and any(one.action in (CREATE, UPDATE) for one in foreseen)
    say(summary(foreseen) + (_next(options) if to_do else ""))


def _next(options: argparse.Namespace) -> str:
    """The command that does what was planned; empty where it could not be typed again as it is."""
    from importer.cli.inputs import files_as_typed
    from importer.rendering.terminal import paint

    if not options.output and options.name:  # of lists, whose options would all have to be said again
        return ""
    command = said(
        "dli-hosts submit {value}",
        value=files_as_typed([options.output] if options.output else options.files),
    )
    return said("; next: {command}", command=paint(command, "1", colour=colour_wanted(sys.stderr)))


def _write_findings(lists: Lists, options: argparse.Namespace) -> None:
    """The object of a plan without one: no request, and the report on each list."""
    from importer.rendering.pretty import pretty
    from importer.rendering.reports import PLAIN
    from importer.rendering.reports.json import lists_object

    body = {"schema_version": 1, "digest": None, "online": options.online, "requests": []}
    whole = lists_object(lists, PLAIN)
    found = {key: whole[key] for key in ("ok", "totals", "counts", "faults", "lists")}
    write_results([*pretty(body | found, 2), "\n"], None)


def _markdown(foreseen: list[Foreseen], *, full: bool) -> Iterator[str]:
    """All that is to be done, but for what stays as it is."""
    from importer.rendering.changes import markdown_lines
    from importer.sending.preview import NOT_ASKED, UNCHANGED

    sections = []
    for one in foreseen:
        if one.action != UNCHANGED:
            counts = f" ({one.diff.counts()})" if any(one.diff) else ""
            hosts = plural(one.request.count, "host")
            title = f"{one.action}: {one.request.name}, {hosts}{counts}"
            remark = "" if one.remark == NOT_ASKED else one.remark
            sections.append((title, one.diff, (one.refused, remark)))
    return markdown_lines(sections, summary(foreseen), full=full)


def _counts(foreseen: list[Foreseen]) -> dict[str, int]:
    """How many requests have each action."""
    from importer.sending.preview import ACTIONS

    return {action: sum(one.action == action for one in foreseen) for action in ACTIONS}


def _row(one: Foreseen) -> dict[str, Any]:
    request, update = one.request, one.request.update
    return {
        "name": request.name,
        "action": one.action,
        "remark": one.remark or None,
        "refused": one.refused or None,
        "hosts": request.count,
        "sources": list(request.sources),
        "sha256": request.digest,
        "connection_id": one.id or None,
        "mode": update.mode if update is not None else None,
        **one.diff.as_record(),
        "differences": [apart._asdict() for apart in one.apart],
    }


def _look_up(plan: Plan, options: argparse.Namespace, target: Target) -> list[Foreseen]:
    """What there is to do for each request, as the service and the journal say now. Raises ImporterError."""
    from pathlib import Path

    from importer.cli.session import open_session
    from importer.sending.history import Entry, read_journal
    from importer.sending.journal import journal_path

    with open_session(options, target, len(plan.requests)) as session, session.service() as service:
        place = {"endpoint": session.account.endpoint, "project_id": session.account.project_id}
        path = Path(options.journal) if options.journal else journal_path(**place)
        entries = read_journal(path, place).entries if options.journal or path.exists() else {}
        return foresee_all(service, lambda name: entries.get(name) or Entry(name), plan, options)
