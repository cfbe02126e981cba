"""`check`: the pre-flight report."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from importer.cli.console import say_error
from importer.cli.groups import add_talk
from importer.cli.groups.lists import LISTS, add_files, add_judging, add_reading
from importer.cli.groups.reports import add_picking, add_reports
from importer.errors import UsageError
from importer.language import said
from importer.statuses import CANNOT_WORK, CLEAN, FINDINGS

if TYPE_CHECKING:
    from importer.checking.policy import Policy
    from importer.planning.jobs import Job
    from importer.rendering.lists import Listing, Lists
    from importer.rendering.reports import Needs


def add_options(verb: argparse.ArgumentParser) -> None:
    """The options of `check`."""
    verb.epilog = "example: dli-hosts check fleet.hosts extra.csv --strict"
    add_files(verb, "host lists, read as one list, - is standard input; or a jobs file (.toml)")
    add_reports(verb)
    add_picking(verb)
    add_judging(verb)
    add_reading(verb)
    add_talk(verb)


def run(options: argparse.Namespace) -> int:
    """Report everything that is wrong; 0 if there is no error, with `--strict` no warning either."""
    from importer.cli.jobs import is_jobs_file
    from importer.cli.reporting import needs_of_reports, wanted_reports, write_reports

    wanted = wanted_reports(options)
    needs = needs_of_reports(wanted, options)
    jobs = next((name for name in options.files if is_jobs_file(name)), "")
    if jobs:
        lists = _of_jobs(jobs, options, needs)
    elif options.connection:
        raise UsageError("--connection picks lists of a jobs file", hint="name a jobs file (.toml)")
    elif options.each:
        lists = _of_each(options, needs)
    else:
        lists = _of_one(options, needs)
    write_reports(lists, wanted, options)
    if lists.faults or any(listing.error for listing in lists.listings):
        return CANNOT_WORK
    return CLEAN if lists.ok or options.exit_zero else FINDINGS


def _of_one(options: argparse.Namespace, needs: Needs) -> Lists:
    """All inputs as one list."""
    from importer.cli.inputs import policy_of
    from importer.rendering.lists import Lists

    return Lists((_checked(options, policy_of(options, needs), needs),))


def _checked(options: argparse.Namespace, policy: Policy, needs: Needs, name: str = "") -> Listing:
    """The inputs, or one of them, as one list."""
    from importer.cli.inputs import survey_inputs
    from importer.rendering.lists import Listing

    report, spread = survey_inputs(options, policy, *filter(None, (name,)), spread=needs.spread)
    return Listing(
        report,
        ok=report.ok(strict=options.strict),
        name=name,
        strict=options.strict,
        spread=spread,
    )


def _of_each(options: argparse.Namespace, needs: Needs) -> Lists:
    """Each input as a list of its own; one that cannot be read is told, and the others are checked."""
    from importer.cli.inputs import policy_of
    from importer.errors import InputError
    from importer.rendering.lists import Listing, Lists

    policy = policy_of(options, needs)
    listings = []
    for name in options.files:
        try:
            made = _checked(options, policy, needs, name)
        except (InputError, UsageError) as error:
            say_error(error)
            made = Listing(None, ok=False, name=name, error=str(error), hint=error.hint or "")
        listings.append(made)
    return Lists(tuple(listings), "list")


def _of_jobs(path: str, options: argparse.Namespace, needs: Needs) -> Lists:
    """The list of each connection of a jobs file; faults of the file and of its lists are told at once."""
    from importer.cli.jobs import open_jobs
    from importer.cli.planning import refuse_options
    from importer.rendering.lists import Lists

    if len(options.files) > 1 or options.each:
        raise UsageError(
            said("{path}: a jobs file stands alone, without --each", path=path),
            hint="name it and nothing else",
        )
    refuse_options(options, LISTS, said("{path} is a jobs file", path=path), "say it in the jobs file")
    jobs, invalid = open_jobs(path, options)
    jobs = _picked(jobs, options.connection)
    if invalid is not None:
        say_error(invalid)
    faults = () if invalid is None else invalid.faults
    return Lists(tuple(_reports(jobs, options, needs)), "connection", faults)


def _picked(jobs: tuple[Job, ...], wanted: list[str]) -> tuple[Job, ...]:
    """The jobs whose name matches; all of them where none is asked for. Raises UsageError."""
    if not wanted:
        return jobs
    from fnmatch import fnmatchcase

    from importer.language import near_miss

    names = [job.connection.name for job in jobs]
    for pattern in wanted:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise UsageError(
                said(
                    "--connection {pattern}: the jobs file has no such connection{pattern_2}",
                    pattern=pattern,
                    pattern_2=near_miss(pattern, names),
                ),
                hint="check the name; a glob such as 'mrs_*' picks several",
            )
    return tuple(job for job in jobs if any(fnmatchcase(job.connection.name, one) for one in wanted))


def _reports(jobs: tuple[Job, ...], options: argparse.Namespace, needs: Needs) -> Iterator[Listing]:
    from importer.cli.jobs import listing_of
    from importer.cli.progress import Progress
    from importer.columns.kernels import calm_allocator
    from importer.planning.preparing import report_jobs

    calm_allocator()
    progress = Progress(0, quiet=options.quiet)
    try:
        made = report_jobs(
            jobs, strict=options.strict, kept=needs.options(), spread=needs.spread, progress=progress
        )
        for one in made:
            if one.error is not None:
                say_error(one.error)
            yield listing_of(one, ok=one.report is None or one.report.ok(strict=one.terms.strict))
    finally:
        progress.close()
