"""The options that say which lists there are, how they are read, and how they are judged."""

from __future__ import annotations

import argparse
from typing import Any

from importer.checking.options import CONFLICT_CHOICES, NAMES_CHOICES, CheckOptions
from importer.cli.groups import Group, count, positive, values
from importer.language import said
from importer.rendering.reports import FORMATS, Needs

LISTS = ("judging", "reading", "skipping")
"""The groups of options that a jobs file answers itself, for each of its lists."""
JOBS = ("jobs", "verdict")
"""The groups of options that a plan has answered, beside `LISTS`, and a jobs file has not."""


def add_files(verb: argparse.ArgumentParser, text: str) -> None:
    """Add the files to read."""
    Group("files", verb).add("files", reads=True, nargs="+", metavar="FILE", help=text)


def add_skipping(verb: argparse.ArgumentParser) -> None:
    """Add --skip-refused."""
    Group("skipping", verb).add(
        "--skip-refused",
        action="store_true",
        help="go on without the refused records, and say how many there were",
    )


def add_judging(verb: argparse.ArgumentParser) -> None:
    """Add the group `judging`."""
    place = verb.add_argument_group("judging")
    group = Group("judging", place)
    for option, text in (
        ("--ignore", "hide findings of this rule (repeatable, or separated by commas)"),
        ("--error", "raise this rule to an error"),
        ("--warn", "lower, or raise, this rule to a warning"),
    ):
        group.repeatable(option, metavar="CODE", help=text)
    Group("verdict", place).add("--strict", action="store_true", help="warnings fail the run")
    group.add(
        "--split", action="store_true", help="the list is for several connections of at most 20,000 hosts"
    )
    group.add(
        "--on-conflict", choices=CONFLICT_CHOICES, default="refuse",
        help="a name at a second address: refuse (default), take the first or the last address, keep all",
    )  # fmt: skip
    group.add(
        "--names",
        choices=NAMES_CHOICES,
        default="all",
        help="take all names of a hosts line (default), or the first",
    )
    group.repeatable("--cidr", metavar="CIDR", help="network that must contain each address (repeatable)")
    for option, text in (
        ("--only", "take only the records that match: a CIDR, or a glob for the name (repeatable)"),
        ("--exclude", "leave out the records that match: a CIDR, or a glob for the name (repeatable)"),
    ):
        group.repeatable(option, metavar="PATTERN", help=text)
    group.add("--keep-local", action="store_true", help="send local IPv4 addresses too")
    group.add("--keep-trailing-dot", action="store_true", help="send the dot at the end of a name too")
    texts = [name for name, row in FORMATS.items() if row.people]
    limits = said(
        "{findings} for people, {findings_2:,} for scripts",
        findings=FORMATS[texts[0]].findings,
        findings_2=FORMATS["json"].findings,
    )
    Group("showing", place).add(
        "--max-findings",
        metavar="N",
        type=count,
        help=said("findings shown for each rule, 0 for all ({limits})", limits=limits),
    )
    group.add(
        "--max-records", metavar="N", type=positive, help="stop at more records than this (100,000,000)"
    )


def check_options(options: argparse.Namespace, needs: Needs, *, unlimited: bool = False) -> CheckOptions:
    """What the options of `judging` say, for a run that has to keep this for its reports.

    `unlimited`: the output may hold any number of hosts.
    """
    said: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values(options, "judging").items()
    }
    said |= {name: _codes(said[name]) for name in ("ignore", "error", "warn")}
    said["split"] = options.split or unlimited
    return CheckOptions(**said, **needs.options())


def _codes(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code.strip().upper() for value in given for code in value.split(",") if code.strip())


def add_reading(verb: argparse.ArgumentParser) -> None:
    """Add the group `reading`; its options are the keywords of `importer.reading.read.read`."""
    group = Group("reading", verb.add_argument_group("reading"))
    group.add(
        "--from",
        dest="syntax",
        choices=("hosts", "csv", "mrs-json", "ecs-json"),
        default="",
        help="syntax of the lists, if the content does not show it",
    )
    group.add(
        "--encoding", metavar="NAME", default="", help="encoding, if it is not UTF-8: gb18030, cp1252, ..."
    )
    group.add(
        "--delimiter", metavar="CHAR", default="", help="one ASCII character, tab, or \\xNN (Hive's is \\x01)"
    )
    group.add(
        "--header",
        metavar="LINE",
        default="",
        help="physical line of the header, or none; else it is found from known headings",
    )
    group.add(
        "--name-column", metavar="COLUMN", default="", help="heading, or number from 1, of the name column"
    )
    group.add(
        "--ip-column", metavar="COLUMN", default="", help="heading, or number from 1, of the address column"
    )
    group.add("--sheet", metavar="SHEET", default="", help="name, or number from 1, of a workbook's sheet")
    group.add("--max-line", metavar="BYTES", type=positive, help="longest line that is read (1,048,576)")
    group.add(
        "--max-decompressed", metavar="BYTES", type=positive, help="largest size of an unpacked file (4 GiB)"
    )
    group.add(
        "--max-ratio", metavar="N", type=positive, help="largest ratio of unpacked to packed size (200)"
    )
