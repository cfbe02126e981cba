"""From the lists of a run to its reports: which are wanted, where each goes, and that each can be written."""

from __future__ import annotations

import argparse
import os
import sys
from typing import NamedTuple

from importer.cli.console import write_results
from importer.cli.inputs import look_of
from importer.errors import UsageError
from importer.language import said
from importer.rendering.lists import Lists
from importer.rendering.reports import FORMATS, Needs, lists_for, lists_in, needs_of


class Wanted(NamedTuple):
    """One report."""

    form: str
    target: str | None
    """None, or `-`, for standard output."""
    option: str
    """How it was asked for."""


def wanted_reports(options: argparse.Namespace) -> list[Wanted]:
    """The reports that the options ask for. Raises UsageError for one that cannot be written.

    That is told before any input is read.
    """
    wanted = [Wanted(options.output_format, options.output, f"-o {options.output}")]
    wanted += [
        Wanted(form, target, said("--report {form}={target}", form=form, target=target))
        for form, target in options.report
    ]
    seen: dict[str, str] = {}
    for report in wanted:
        where = "-" if report.target in (None, "-") else _real(str(report.target), report.option)
        if where in seen:
            raise UsageError(
                said(
                    "{option}: {rest} already has a report",
                    option=report.option,
                    rest="standard output" if where == "-" else "this file",
                ),
                hint="name another file for it",
            )
        seen[where] = report.option
        if where != "-":
            _refuse_unwritable(str(report.target), where, report.option)
        _refuse_missing(report.form)
    if options.statistics and not FORMATS[options.output_format].people:
        raise UsageError(
            said(
                "--statistics: the format {output_format} has counts by itself",
                output_format=options.output_format,
            ),
            hint=said(
                "leave it out, or choose one of {items}",
                items=", ".join((n for n, r in FORMATS.items() if r.people)),
            ),
        )
    return wanted


def _real(target: str, option: str) -> str:
    """The file itself. Raises UsageError where that cannot be known, as in a folder that was removed."""
    try:
        return os.path.realpath(target)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            said("{option}: cannot be written: {reason}", option=option, reason=reason),
            hint="name a file in another folder",
        ) from None


def _refuse_unwritable(target: str, real: str, option: str) -> None:
    """Raise UsageError where a file of this name cannot appear."""
    folder = os.path.dirname(real)
    if target.endswith(os.sep) or os.path.isdir(real):
        raise UsageError(said("{option}: is a folder", option=option), hint="name a file to write")
    if os.path.exists(real) and not os.path.isfile(real):
        raise UsageError(said("{option}: is not a regular file", option=option), hint="name a file to write")
    if not os.path.isdir(folder):
        raise UsageError(
            said("{option}: its folder does not exist", option=option), hint="make the folder first"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(
            said("{option}: its folder cannot be written to", option=option),
            hint="name a file in another folder",
        )


def _refuse_missing(form: str) -> None:
    """Raise UsageError where the package that a format needs is not there."""
    from importlib.util import find_spec

    package, extra = FORMATS[form].package, FORMATS[form].extra
    if package and find_spec(package) is None:
        raise UsageError(
            said("the format {form} needs the package {package}", form=form, package=package),
            hint=f'pip install "dli-hosts[{extra}]"',
        )


def needs_of_reports(wanted: list[Wanted], options: argparse.Namespace) -> Needs:
    """What a run has to keep for all its reports."""
    return needs_of([one.form for one in wanted], options.max_findings, verbose=options.verbose)


def write_reports(lists: Lists, wanted: list[Wanted], options: argparse.Namespace) -> None:
    """Write each report; the one that is shown comes last. Raises UsageError."""
    jobs = options.files[0] if lists.noun == "connection" else ""
    parts: dict[Needs, Lists] = {}
    for report in sorted(wanted, key=lambda one: one.target in (None, "-")):
        needs = needs_of([report.form], options.max_findings, verbose=options.verbose)
        key = Needs(needs.max_findings, needs.max_infos, excerpts=True)
        if key not in parts:
            parts[key] = lists_for(lists, key)
        look = look_of(options, sys.stdout if report.target is None else None)._replace(
            jobs=jobs,
            quiet=options.quiet and report.option == wanted[0].option,
            statistics=options.statistics and report.option == wanted[0].option,
        )
        text = lists_in(report.form, parts[key], look)
        write_results(text, report.target, commands=FORMATS[report.form].commands)
