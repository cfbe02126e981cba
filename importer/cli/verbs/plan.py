"""`plan`: what would be sent, in one file that a person can read; sends nothing."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from importer.cli.console import say, write_results
from importer.cli.groups import Group, add_talk, file_name
from importer.cli.groups.account import add_account, target_of
from importer.cli.planning import NotPlanned, add_planning, make_plan
from importer.errors import AgainLater, UsageError
from importer.language import plural
from importer.rendering.pretty import json_text
from importer.shown import visible
from importer.statuses import CHANGES, CLEAN, FINDINGS

if TYPE_CHECKING:
    from importer.calling.account import Target
    from importer.planning.plan import Plan, PlannedRequest
    from importer.rendering.lists import Lists
    from importer.sending.preview import Foreseen


def add_options(verb: argparse.ArgumentParser) -> None:
    """The options of `plan`."""
    verb.epilog = "example: dli-hosts plan jobs.toml -o fleet.plan && dli-hosts submit fleet.plan"
    own = Group("own", verb)
    own.add("-o", "--output", metavar="PLAN", help="keep the plan there, for submit; only you can read it")
    own.add("--output-format", choices=("text", "json"), default="text", help="json for scripts")
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
    add_account(verb)
    add_talk(verb)


def run(options: argparse.Namespace) -> int:
    """Make the plan, say what it comes to, and keep it if a file is named."""
    if options.journal and not options.online:
        raise UsageError("--journal is read with --online only", hint="say --online too")
    # A mistake in the account is told before lists are read.
    target = target_of(options) if options.online else None
    plan = make_plan(options)
    if isinstance(plan, NotPlanned):
        if options.output_format == "json" and options.output != "-":
            _write_findings(plan.lists, options)
        return FINDINGS
    from importer.sending.preview import CREATE, EQUAL, Foreseen

    foreseen = [Foreseen(CREATE)] * len(plan.requests)
    if target is not None:
        foreseen = _look_up(plan, options, target)
    if options.output not in (None, "-"):
        from importer.planning.plan import write_plan

        write_plan(plan, options.output)
    _write(plan, foreseen, options)
    changes = any(one.action != EQUAL for one in foreseen)
    return CHANGES if options.detailed_exitcode and changes else CLEAN


def _write(plan: Plan, foreseen: list[Foreseen], options: argparse.Namespace) -> None:
    if options.output == "-":
        from importer.planning.plan import plan_lines

        write_results(plan_lines(plan), None)
        return
    rows = [_row(request, one) for request, one in zip(plan.requests, foreseen, strict=True)]
    if options.output_format == "json":
        body = {"schema_version": 1, "digest": plan.digest, "online": options.online, "requests": rows}
        write_results([json_text(body, 2), "\n"], None)
    else:
        write_results((_line(row) for row in rows), None)
    if options.quiet:
        return
    kept = f", kept in {options.output}" if options.output else ""
    count = plural(len(rows), "request")
    say(visible(f"{count} planned, digest {plan.digest[:16]}{kept}; nothing was sent"))
    if not options.online:
        say("the service was not asked what it has already; --online asks")


def _write_findings(lists: Lists, options: argparse.Namespace) -> None:
    """The object of a plan without one: no request, and the report on each list."""
    from importer.rendering.reports import PLAIN
    from importer.rendering.reports.json import lists_object

    body = {"schema_version": 1, "digest": None, "online": options.online, "requests": []}
    reports = lists_object(lists, PLAIN)["lists"]
    write_results([json_text(body | {"lists": reports}, 2), "\n"], None)


def _row(request: PlannedRequest, foreseen: Foreseen) -> dict[str, Any]:
    return {
        "name": request.name,
        "action": foreseen.action,
        "remark": foreseen.remark or None,
        "hosts": request.count,
        "sources": list(request.sources),
        "sha256": request.digest,
    }


def _line(row: dict[str, Any]) -> str:
    origin = f" from {', '.join(row['sources'])}" if row["sources"] else ""
    remark = f" ({row['remark']})" if row["remark"] else ""
    return visible(f"{row['action']}: {row['name']}, {plural(row['hosts'], 'host')}{origin}{remark}") + "\n"


def _look_up(plan: Plan, options: argparse.Namespace, target: Target) -> list[Foreseen]:
    """What there is to do for each request, as the service and the journal say now. Raises ImporterError."""
    from pathlib import Path

    from importer.cli.session import open_session
    from importer.sending.history import Entry, read_journal
    from importer.sending.journal import journal_path
    from importer.sending.preview import foresee
    from importer.sending.retry import Halted, Reason
    from importer.sending.service import LookUpFailed

    with open_session(options, target, len(plan.requests)) as session, session.service() as service:
        place = {"endpoint": session.account.endpoint, "project_id": session.account.project_id}
        path = Path(options.journal) if options.journal else journal_path(**place)
        entries = read_journal(path, place).entries if options.journal or path.exists() else {}
        try:
            return [
                foresee(service, entries.get(request.name) or Entry(request.name), request)
                for request in plan.requests
            ]
        except Halted as halted:
            if halted.reason in (Reason.THROTTLED, Reason.OUTAGE):
                raise AgainLater(
                    f"the service could not be asked: {halted}",
                    hint="try again later, or plan without --online",
                ) from None
            raise UsageError(
                f"the service could not be asked: {halted}", hint="correct that, or plan without --online"
            ) from None
        except LookUpFailed as error:
            raise UsageError(
                f"the service could not be asked: {error}", hint="try again later, or plan without --online"
            ) from None
