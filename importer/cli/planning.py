"""What `plan` and `submit` share: from options to a plan, and what is told on the way."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NamedTuple

from importer.cli.console import say, say_error
from importer.cli.groups import Group, given
from importer.cli.groups.connection import add_connection, connection_of
from importer.cli.groups.lists import JOBS, LISTS, add_files, add_judging, add_reading, add_skipping
from importer.errors import ImporterError, JobsInvalid, UsageError
from importer.system import open_regular

UPDATING = "updating"
"""The group of options that let an existing connection be changed, which is settled in a plan."""

if TYPE_CHECKING:
    from importer.planning.jobs import Job
    from importer.planning.plan import Plan
    from importer.planning.plan_keeping import PlanKeeper
    from importer.planning.preparing import Prepared
    from importer.rendering.lists import Listing, Lists


class NotPlanned(NamedTuple):
    """Findings forbid a plan; they were told."""

    lists: Lists


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
        refuse_options(options, groups, f"{only} is a plan", "what it says was settled when it was made")
        return read_plan(only)
    if is_jobs_file(only):
        refuse_options(options, LISTS, f"{only} is a jobs file", "say it in the jobs file")
        return _of_jobs(only, options)
    for name in options.files:
        if is_jobs_file(name) or looks_like_plan(name):
            raise UsageError(f"{name}: a jobs file or a plan stands alone", hint="name it and nothing else")
    return _of_lists(options)


def is_jobs_file(name: str) -> bool:
    """Whether a file says that it is one: by its name, or by a line that begins a connection."""
    if name.lower().endswith(".toml"):
        return True
    try:
        with open_regular(name) as file:
            return any(line.strip() == b"[[connection]]" for line in file.read(1 << 16).splitlines())
    except (OSError, ValueError):
        return False


def refuse_options(options: argparse.Namespace, groups: tuple[str, ...], why: str, hint: str) -> None:
    """Options that would be without effect are a mistake."""
    for option in given(options, "connection", *groups):
        raise UsageError(f"{why}, to which {option} does not apply", hint=hint)


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
        say(f"nothing is planned: {made.terms.why_not(made.report)}")
        return NotPlanned(Lists((_listing(made),)))
    for remark in () if options.quiet else _remarks(made):
        say(remark)
    for warning in () if options.quiet else connection.warnings():
        say(f"warning: {warning}")
    keeper = PlanKeeper()
    for request in made.requests:
        keeper.add(request)
    return keeper.plan()


def _of_jobs(path: str, options: argparse.Namespace) -> Plan | NotPlanned:
    from importer.cli.inputs import refuse_overwriting
    from importer.planning.jobs import read_jobs
    from importer.planning.plan_keeping import PlanKeeper
    from importer.rendering.lists import Lists

    errors: list[ImporterError] = []
    try:
        jobs = read_jobs(path, allow_outside=options.allow_outside)
    except JobsInvalid as invalid:
        if not invalid.jobs:
            raise
        errors.append(invalid)
        jobs = invalid.jobs  # the lists of the other jobs are checked too, so that all is told at once
    refuse_overwriting(options, *(name for job in jobs for name in job.files))
    keeper = PlanKeeper()
    prepared = _prepared(jobs, options, keeper)
    errors += [made.error for made in prepared if made.error is not None]
    faults = errors[0].faults if errors and isinstance(errors[0], JobsInvalid) else ()
    lists = Lists(tuple(map(_listing, prepared)), "connection", faults)
    _tell_blocked(prepared, lists, options, whole=not errors)
    for fault in errors[:-1]:
        say_error(fault)
    if errors:
        raise errors[-1]
    if not lists.ok:
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
                say(f"{name}: warning: {warning}")
            if made.report is None and made.error is None and not options.quiet:
                say(f"{name}: names no hosts, and is created without any")
            elif made.report is not None and not made.is_blocked and not options.quiet:
                for remark in _remarks(made):
                    say(f"{name}: {remark}")
            for request in made.requests:
                keeper.add(request)
            prepared.append(replace(made, requests=()))
    finally:
        progress.close()
    return prepared


def _remarks(made: Prepared) -> tuple[str, ...]:
    """How a list that may be sent was understood, and how it came out."""
    from importer.planning.terms import remarks
    from importer.rendering.reports.text import balance
    from importer.rendering.understood import understood_lines

    assert made.report is not None
    return (*understood_lines(made.report), balance(made.report), *remarks(made.report))


def _tell_blocked(
    prepared: list[Prepared], lists: Lists, options: argparse.Namespace, *, whole: bool
) -> None:
    """The lists that may not be sent, after all others, so that they are seen; the verdict comes last.

    `whole`: nothing else is told after it.
    """
    import sys

    from importer.cli.inputs import look_of, say_report
    from importer.planning.terms import KEYS
    from importer.rendering.verdict import verdict

    blocked = [made for made in prepared if made.is_blocked and made.report is not None]
    for made in blocked:
        assert made.report is not None
        say_report(made.report, options, split=made.terms.split)
    for made in blocked:
        assert made.report is not None
        say(f"{made.connection.name}: nothing is planned: {made.terms.why_not(made.report, KEYS)}")
    if blocked and whole:
        say(verdict(lists, look_of(options, sys.stderr)))


def _listing(made: Prepared) -> Listing:
    from importer.rendering.lists import Listing

    return Listing(
        made.report,
        ok=made.error is None and not made.is_blocked,
        name=made.connection.name,
        strict=made.terms.strict,
        error="" if made.error is None else str(made.error),
        hint="" if made.error is None else made.error.hint or "",
    )
