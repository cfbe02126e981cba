"""`check`: the pre-flight report."""

from __future__ import annotations

import argparse
import sys

from importer.cli.console import write_results
from importer.cli.groups import Group, add_talk
from importer.cli.groups.lists import add_files, add_judging, add_reading
from importer.rendering.reports import FOR_PEOPLE, FORMATS, needs_of, part_for, report_in
from importer.statuses import CLEAN, FINDINGS


def add_options(verb: argparse.ArgumentParser) -> None:
    """The options of `check`."""
    verb.epilog = "example: dli-hosts check fleet.hosts extra.csv --strict"
    add_files(verb, "host lists, read as one list; - is standard input")
    own = Group("own", verb)
    own.add(
        "--output-format",
        choices=tuple(FORMATS),
        default=FOR_PEOPLE,
        help=", ".join(f"{name} {row.summary}" for name, row in FORMATS.items()),
    )
    own.add("-o", "--output", metavar="FILE", help="write the report to this file, not to standard output")
    add_judging(verb)
    add_reading(verb)
    add_talk(verb)


def run(options: argparse.Namespace) -> int:
    """Report everything that is wrong; 0 if there is no error, with `--strict` no warning either."""
    from importer.cli.inputs import look_of, policy_of, report_inputs

    wanted = ((options.output_format, options.output),)
    limit, verbose = options.max_findings, options.verbose
    needs = needs_of([name for name, _ in wanted], limit, verbose=verbose)
    report = report_inputs(options, policy_of(options, needs))
    for name, target in wanted:
        shown = part_for(report, needs_of([name], limit, verbose=verbose))
        look = look_of(options, sys.stdout if target is None else None)
        write_results(report_in(name, shown, look), target)
    return CLEAN if report.ok(strict=options.strict) else FINDINGS
