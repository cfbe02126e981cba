"""What `plan` and `submit` share: inputs to a plan, every list checked before anything else happens."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from importer import limits
from importer.cli.console import Progress, colour_wanted, say, say_error
from importer.cli.groups.connection import add_connection, connection_of
from importer.cli.inputs import check_inputs, policy_of, refuse_overwriting
from importer.errors import ConnectionInvalid, ImporterError, InputError, JobsInvalid, UsageError
from importer.planning.terms import blocking, remarks, requests, why_not
from importer.rendering.text import balance, report_lines
from importer.shown import visible
from importer.system import open_regular

if TYPE_CHECKING:
    from importer.checking.hosts import Hosts
    from importer.checking.report import Report
    from importer.planning.jobs import Job
    from importer.planning.plan import Plan, PlannedRequest
    from importer.planning.request import Connection


def add_planning(verb: argparse.ArgumentParser) -> None:
    """The options that make a plan."""
    from importer.cli.parser import add_reading, add_rules

    verb.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="host lists that make one connection; or a jobs file (.toml); or a plan",
    )
    verb.add_argument(
        "--skip-refused",
        action="store_true",
        help="go on without the refused records, and say how many there were",
    )
    verb.add_argument(
        "--allow-outside",
        action="store_true",
        help="a jobs file may name lists that lie outside of its folder",
    )
    add_connection(verb, "connection (of lists)")
    add_rules(verb)
    add_reading(verb)


_ALWAYS = frozenset({"max_findings", "quiet", "verbose", "files", "run", "parser"})
"""Options that mean something whatever the input is."""


def make_plan(options: argparse.Namespace, *, further: Sequence[str]) -> Plan | None:
    """The plan of the inputs; None where findings forbid one, which are told.

    `further`: options of the verb that have nothing to do with planning. Raises ImporterError.
    """
    from importer.planning.plan import looks_like_plan
    from importer.planning.plan_reading import read_plan

    only = options.files[0] if len(options.files) == 1 else ""
    if looks_like_plan(only):
        refuse_overwriting(options)
        _refuse_options(options, {*further}, f"{only} is a plan", "what it says was settled when it was made")
        return read_plan(only)
    if _is_jobs_file(only):
        _refuse_options(
            options,
            {*further, "allow_outside", "strict"},
            f"{only} is a jobs file",
            "say it in the jobs file",
        )
        return _of_jobs(only, options)
    for name in options.files:
        if _is_jobs_file(name) or looks_like_plan(name):
            raise UsageError(f"{name}: a jobs file or a plan stands alone", hint="name it and nothing else")
    return _of_lists(options)


def _is_jobs_file(name: str) -> bool:
    """Whether a file says that it is one: by its name, or by a line that begins a connection."""
    if name.lower().endswith(".toml"):
        return True
    try:
        with open_regular(name) as file:
            return any(line.strip() == b"[[connection]]" for line in file.read(1 << 16).splitlines())
    except (OSError, ValueError):
        return False


def _refuse_options(options: argparse.Namespace, useful: set[str], why: str, hint: str) -> None:
    """Options that would be without effect are a mistake."""
    for action in options.parser._actions:
        given = getattr(options, action.dest, action.default) != action.default
        if given and action.dest not in useful | _ALWAYS:
            raise UsageError(f"{why}, to which {action.option_strings[-1]} does not apply", hint=hint)


def _of_lists(options: argparse.Namespace) -> Plan | None:
    from importer.planning.plan import Plan

    policy = policy_of(options, text=True)
    connection = connection_of(options)
    report, hosts = check_inputs(options, policy)
    if not _told(report, "", options, options.skip_refused, options.strict, options.split):
        return None
    for warning in () if options.quiet else connection.warnings():
        say(f"warning: {warning}")
    names = tuple(options.files)
    return Plan(tuple(_requests(connection, report, hosts, names, split=options.split)))


def _of_jobs(path: str, options: argparse.Namespace) -> Plan | None:
    from importer.columns.kernels import calm_allocator
    from importer.planning.jobs import read_jobs
    from importer.planning.plan import Plan

    errors: list[ImporterError] = []
    try:
        jobs = read_jobs(path, allow_outside=options.allow_outside)
    except JobsInvalid as invalid:
        if not invalid.jobs:
            raise
        errors.append(invalid)
        jobs = invalid.jobs  # the lists of the other jobs are checked too, so that all is told at once
    lists = [name for job in jobs for name in job.files]
    refuse_overwriting(options, *lists)
    calm_allocator()
    progress = Progress(0, quiet=options.quiet)
    planned: list[PlannedRequest] = []
    good = True
    try:
        for job in jobs:
            try:
                made = _of_job(job, options, progress)
            except (InputError, ConnectionInvalid, UsageError) as error:
                errors.append(error)
                continue
            good = good and made is not None
            planned.extend(made or ())
    finally:
        progress.close()
    for fault in errors[:-1]:
        say_error(fault)
    if errors:
        raise errors[-1]
    if not good:
        return None
    _refuse_repeats(planned)
    return Plan(tuple(planned))


def _of_job(
    job: Job, options: argparse.Namespace, progress: Callable[[int], None]
) -> list[PlannedRequest] | None:
    """The requests of one job; None where findings forbid them, which are told."""
    from importer.checking.pipeline import collect
    from importer.checking.policy import Policy
    from importer.planning.jobs import job_batches
    from importer.planning.plan import plan_request
    from importer.planning.request import build_request

    name = job.connection.name
    for warning in () if options.quiet else job.connection.warnings():
        say(f"{name}: warning: {warning}")
    if not job.has_source:
        if not options.quiet:
            say(f"{name}: names no hosts, and is created without any")
        return [plan_request(build_request(job.connection, None).body())]
    limit = {} if options.max_findings is None else {"max_findings": options.max_findings}
    shown = {"excerpts": True, "max_findings": 50, "max_infos": None if options.verbose else 1, **limit}
    policy = Policy.of(job.check._replace(split=job.split, **shown))
    report, hosts = collect(job_batches(job, progress), policy)
    strict = job.strict or options.strict
    if not _told(report, f"{name}: ", options, job.skip_refused, strict, job.split):
        return None
    return list(_requests(job.connection, report, hosts, (*job.shown, *_inline_name(job)), split=job.split))


def _inline_name(job: Job) -> tuple[str, ...]:
    return () if job.inline is None else (job.inline_name,)


def _told(
    report: Report, title: str, options: argparse.Namespace, skip_refused: bool, strict: bool, split: bool
) -> bool:
    """Whether the list may be sent; why not is told, or how it came out."""
    if blocking(report, skip_refused=skip_refused, strict=strict):
        for line in report_lines(report, colour=colour_wanted(sys.stderr), split=split):
            say(line)
        reasons = why_not(report, skip_refused=skip_refused, strict=strict, job=bool(title))
        say(f"{title}nothing is planned: {reasons}")
        return False
    for remark in () if options.quiet else (balance(report), *remarks(report)):
        say(f"{title}{remark}")
    return True


def _requests(
    connection: Connection, report: Report, hosts: Hosts, sources: Sequence[str], *, split: bool
) -> Iterator[PlannedRequest]:
    from importer.planning.plan import plan_request

    totals = asdict(report.totals)
    several = split and len(hosts) > limits.MAX_HOSTS
    for request in requests(connection, hosts.pairs(), several=several):
        yield plan_request(request.body(), sources, totals)


def _refuse_repeats(planned: Sequence[PlannedRequest]) -> None:
    seen: set[str] = set()
    for request in planned:
        if request.name in seen:
            raise ConnectionInvalid(
                f"two connections would be named {visible(request.name)}",
                hint="a list that is split makes NAME_1, NAME_2 ...; choose another name for the other one",
            )
        seen.add(request.name)
