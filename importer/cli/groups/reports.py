"""The options that say which reports there are, of which lists. Imports nothing heavy."""

from __future__ import annotations

import argparse

from importer.cli.groups import Group
from importer.language import near_miss, said
from importer.rendering.reports import FOR_PEOPLE, FORMATS


def add_reports(verb: argparse.ArgumentParser) -> None:
    """Add the options of the reports themselves."""
    group = Group("reports", verb)
    group.add(
        "--output-format",
        choices=tuple(FORMATS),
        default=FOR_PEOPLE,
        metavar="FORMAT",
        help="; ".join(f"{name}: {row.summary}" for name, row in FORMATS.items()),
    )
    group.add("-o", "--output", metavar="FILE", help="write the report to this file, not to standard output")
    group.repeatable(
        "--report",
        metavar="FORMAT=FILE",
        type=_report,
        help="write a further report to a file (repeatable); the lists are read once",
    )
    group.add("--statistics", action="store_true", help="only the rules that are broken, with counts")
    group.add("--exit-zero", action="store_true", help="exit with 0 where there are findings, too")


def add_picking(verb: argparse.ArgumentParser) -> None:
    """Add the options that say which lists there are."""
    group = Group("picking", verb)
    group.add("--each", action="store_true", help="each file is a list of its own; else all are one list")
    group.repeatable(
        "--connection",
        metavar="NAME",
        help="of a jobs file, check this connection: a name, or a glob (repeatable)",
    )
    group.add(
        "--allow-outside",
        action="store_true",
        help="a jobs file may name lists that lie outside of its folder",
    )


def _report(text: str) -> tuple[str, str]:
    """Type of an option: a format and a file."""
    form, equals, target = text.partition("=")
    if not equals or not target:
        raise argparse.ArgumentTypeError(said("{text!r} is not FORMAT=FILE", text=text))
    if form not in FORMATS:
        raise argparse.ArgumentTypeError(
            said(
                "there is no format {form!r}{form_2}; there are {FORMATS}",
                form=form,
                form_2=near_miss(form, FORMATS),
                FORMATS=", ".join(FORMATS),
            )
        )
    return form, target
