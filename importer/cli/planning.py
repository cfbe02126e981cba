"""What `plan` and `submit` share: from options to a plan, and what is told on the way."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, NamedTuple

from importer.cli.console import say, say_error
from importer.cli.groups import Group, given
from importer.cli.groups.connection import add_connection, connection_of
from importer.cli.groups.lists import JOBS, LISTS, add_files, add_judging, add_reading, add_skipping
from importer.cli.jobs import is_jobs_file, listing_of, open_jobs
from importer.errors import UsageError
from importer.language import said
from importer.statuses import CANNOT_WORK, FINDINGS

UPDATING = "updating"
"""The group of options that let an existing connection be changed, which is settled in a plan."""

if TYPE_CHECKING:
    from importer.planning.jobs import Job
    from importer.planning.plan import Plan
    from importer.planning.plan_keeping import PlanKeeper
    from importer.planning.preparing import Prepared
    from importer.rendering.lists import Lists


class NotPlanned(NamedTuple):
    """Faults forbid a plan; they were told."""

    lists: Lists

    @property
    def status(self) -> int:
        """The exit status: whether all lists could be read."""
        return CANNOT_WORK if self.lists.troubles else FINDINGS


def add_planning(verb: argparse.ArgumentParser) -> None:
    """The options that make a plan."""
    add_files(verb, "host lists that make one connection; or a jobs file (.toml); or a plan")
    add_skipping(verb)
    Group("jobs", verb).add(
        "--allow-outside",
        action="store_true",
        help="a jobs file may name lists that lie outside of its folder",
    )
    add_connection(verb, "connection (of lists)")
    add_judging(verb)
    add_reading(verb)


def make_plan(options: argparse.Namespace) -> Plan | NotPlanned:
    """The plan of the inputs, or the findings that forbid one, which are told. Raises ImporterError."""
    from importer.cli.inputs import refuse_overwriting
    from importer.planning.plan import looks_like_plan
    from importer.planning.plan_reading import read_plan

    only = options.files[0] if len(options.files) == 1 else ""
    if looks_like_plan(only):
        refuse_overwriting(options)
        groups = (*LISTS, *JOBS, *(() if getattr(options, "online", False) else (UPDATING,)))
        refuse_options(
            options, groups, said("{only} is a plan", only=only), "what it says was settled when it was made"
        )
        return read_plan(only)
    if is_jobs_file(only):
        refuse_options(options, LISTS, said("{only} is a jobs file", only=only), "say it in the jobs file")
        return _of_jobs(only, options)
    for name in options.files:
        if is_jobs_file(name) or looks_like_plan(name):
            raise UsageError(
                said("{name}: a jobs file or a plan stands alone", name=name), hint="name it and nothing else"
            )
    return _of_lists(options)


def refuse_options(options: argparse.Namespace, groups: tuple[str, ...], why: str, hint: str) -> None:
    """Options that would be without effect are a mistake."""
    for option in given(options, "connection", *groups):
        raise UsageError(said("{why}, to which {option} does not apply", why=why, option=option), hint=hint)


def _of_lists(options: argparse.Namespace) -> Plan | NotPlanned:
    from importer.cli.inputs import needs_of_talk, plan_inputs, policy_of, say_report, terms_of
    from importer.planning.plan_keeping import PlanKeeper
    from importer.planning.preparing import prepare_list
    from importer.rendering.lists import Lists

    policy = policy_of(options, needs_of_talk(options))
    connection = connection_of(options)
    made = prepare_list(connection, terms_of(options), plan_inputs(options, policy), options.files)
    assert made.report is not None
    if made.is_blocked:
        say_report(made.report, options, split=made.terms.split)
        say(said("nothing is planned: {report}", report=made.terms.why_not(made.report)))
        return NotPlanned(Lists((listing_of(made, ok=False),)))
    for remark in () if options.quiet else _remarks(made):
        say(remark)
    for warning in () if options.quiet else connection.warnings():
        say(f"warning: {warning}")
    keeper = PlanKeeper()
    for request in made.requests:
        keeper.add(request)
    return keeper.plan()


def _of_jobs(path: str, options: argparse.Namespace) -> Plan | NotPlanned:
    from importer.cli.inputs import look_of
    from importer.planning.plan_keeping import PlanKeeper
    from importer.rendering.lists import Lists
    from importer.rendering.verdict import verdict

    jobs, invalid = open_jobs(path, options)
    keeper = PlanKeeper()
    prepared = _prepared(jobs, options, keeper)
    listings = (listing_of(made, ok=not made.is_blocked) for made in prepared)
    lists = Lists(tuple(listings), "connection", () if invalid is None else invalid.faults)
    if not lists.ok:
        _tell_blocked(prepared, lists, options)
        for error in (invalid, *(made.error for made in prepared)):
            if error is not None:
                say_error(error)
        say(verdict(lists, look_of(options, sys.stderr)))
        return NotPlanned(lists)
    return keeper.plan()


def _prepared(jobs: tuple[Job, ...], options: argparse.Namespace, keeper: PlanKeeper) -> list[Prepared]:
    """What each job comes to, its requests apart, which are kept. How a list came out is told at once."""
    from dataclasses import replace

    from importer.cli.inputs import needs_of_talk
    from importer.cli.progress import Progress
    from importer.columns.kernels import calm_allocator
    from importer.planning.preparing import prepare_jobs

    calm_allocator()
    progress = Progress(0, quiet=options.quiet)
    prepared = []
    kept, brief = needs_of_talk(options).options(), options.output_format != "json"
    try:
        for made in prepare_jobs(jobs, strict=options.strict, kept=kept, brief=brief, progress=progress):
            name = made.connection.name
            for warning in () if options.quiet else made.connection.warnings():
                say(said("{name}: warning: {warning}", name=name, warning=warning))
            if made.report is None and made.error is None and not options.quiet:
                say(said("{name}: names no hosts, and is created without any", name=name))
            elif made.report is not None and not made.is_blocked and not options.quiet:
                _tell_good(made, options)
            for request in made.requests:
                keeper.add(request)
            prepared.append(replace(made, requests=()))
    finally:
        progress.close()
    return prepared


def _tell_good(made: Prepared, options: argparse.Namespace) -> None:
    """A list that may be sent is one line, and `-v` says how it was understood, too."""
    from importer.cli.inputs import look_of
    from importer.planning.terms import remarks
    from importer.rendering.reports.text import brief

    assert made.report is not None
    if not options.verbose:
        say(brief(listing_of(made, ok=True), look_of(options, sys.stderr)))
    told = _remarks(made) if options.verbose else remarks(made.report)
    for remark in told:
        say(f"{made.connection.name}: {remark}")


def _remarks(made: Prepared) -> tuple[str, ...]:
    """How a list that may be sent was understood, and how it came out."""
    from importer.planning.terms import remarks
    from importer.rendering.reports.text import balance
    from importer.rendering.understood import understood_lines

    assert made.report is not None
    return (*understood_lines(made.report), balance(made.report), *remarks(made.report))


def _tell_blocked(prepared: list[Prepared], lists: Lists, options: argparse.Namespace) -> None:
    """The lists that may not be sent, after all others, so that they are seen."""
    from importer.cli.inputs import look_of
    from importer.planning.terms import KEYS
    from importer.rendering.reports.text import whole_lines

    blocked = [pair for pair in zip(prepared, lists.listings, strict=True) if pair[0].is_blocked]
    for made, listing in blocked:
        for line in whole_lines(listing, look_of(options, sys.stderr, split=made.terms.split)):
            say(line)
    for made, _ in blocked:
        assert made.report is not None
        say(
            said(
                "{name}: nothing is planned: {report}",
                name=made.connection.name,
                report=made.terms.why_not(made.report, KEYS),
            )
        )
