"""`emit`: the request body, the lines for the console, or the hosts, of a list without errors."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importer import limits
from importer.cli.console import CLEAN, FINDINGS, colour_wanted, say, write_results
from importer.cli.inputs import check_inputs, policy_of
from importer.columns.findings import Severity
from importer.errors import ConnectionInvalid, UsageError
from importer.rendering.hostlists import csv_lines, pair_lines
from importer.rendering.text import balance, plural, report_lines

if TYPE_CHECKING:
    from importer.checking.hosts import Hosts
    from importer.checking.report import Report
    from importer.sending.request import Connection

_PER_RECORD = ("R102", "R103", "R107", "R108", "R109", "R110")


def run(options: argparse.Namespace) -> int:
    """Write what was asked for, or the report on standard error and nothing else."""
    unlimited = options.form in ("csv", "hosts")
    policy = policy_of(options, text=True, unlimited=unlimited)
    connection = _connection(options) if options.form == "request" else None
    report, hosts = check_inputs(options, policy, collect_hosts=True)
    if not _may_go_on(report, options):
        for line in report_lines(report, colour=colour_wanted(sys.stderr), split=options.split or unlimited):
            say(line)
        say(f"nothing was written: {_why_not(report, options)}")
        return FINDINGS
    _write(options, connection, hosts)
    if not options.quiet:
        _remark(report, options, connection)
    return CLEAN


def _connection(options: argparse.Namespace) -> Connection:
    """The connection of the options; a file gives what they do not."""
    from importer.sending.connection import connection_from_file, make_connection, split_tag

    fields: dict[str, Any] = connection_from_file(options.connection) if options.connection else {}
    given = {
        "name": options.name,
        "vpc": options.vpc,
        "subnet": options.subnet,
        "pools": tuple(options.pool) or None,
        "queues": tuple(options.queue) or None,
        "route_table": options.route_table,
        "tags": tuple(split_tag(tag) for tag in options.tag) or None,
    }
    fields |= {key: value for key, value in given.items() if value is not None}
    return make_connection(fields, f"{options.connection}: " if options.connection else "")


def blocking(report: Report, *, skip_refused: bool, strict: bool) -> list[str]:
    """Codes of the findings that forbid to go on.

    Leaving out the refused records settles an error that refused its record, and no other one; and
    it settles neither D303, which `--on-conflict` does, nor that there are too many or no hosts.
    """
    errors = [code for code in report.counts if report.severities[code] == Severity.ERROR]
    if skip_refused:
        errors = [
            code
            for code in errors
            if not (code[0] in "NAF" or code in (*_PER_RECORD, "D301", "D302", "D304"))
        ]
    warnings = [code for code in report.counts if strict and report.severities[code] == Severity.WARNING]
    return errors + warnings


def _may_go_on(report: Report, options: argparse.Namespace) -> bool:
    return not blocking(report, skip_refused=options.skip_refused, strict=options.strict)


def _why_not(report: Report, options: argparse.Namespace) -> str:
    """Which rules forbid it, and the options that settle them."""
    codes = blocking(report, skip_refused=options.skip_refused, strict=options.strict)
    settled = set(codes) - set(blocking(report, skip_refused=True, strict=options.strict))
    ways = [
        "--skip-refused goes on without the refused records" if settled else "",
        "--on-conflict says which address wins" if "D303" in codes else "",
        "--split makes several connections of the list" if "L401" in codes else "",
        "without --strict warnings do not count" if options.strict and report.count(Severity.WARNING) else "",
    ]
    return "; ".join([f"{plural(len(codes), 'rule')} broken ({', '.join(codes)})", *filter(None, ways)])


def _write(options: argparse.Namespace, connection: Connection | None, hosts: Hosts) -> None:
    pairs = hosts.pairs()
    several = options.split and len(hosts) > limits.MAX_HOSTS
    if connection is not None:
        bodies = _bodies(connection, pairs, several=several)
        document: Any = list(bodies) if several else next(bodies)
        write_results([json.dumps(document, indent=2, ensure_ascii=False), "\n"], options.output)
    elif options.form == "csv":
        write_results(csv_lines(pairs), options.output)
    elif options.form == "console" and (several or (options.split and options.output not in (None, "-"))):
        _write_folder(options, pairs)
    else:
        write_results(pair_lines(pairs), options.output)


def _parts(pairs: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """The hosts in parts that one connection holds."""
    rest = iter(pairs)
    while part := list(islice(rest, limits.MAX_HOSTS)):
        yield part


def _bodies(
    connection: Connection, pairs: Iterable[tuple[str, str]], *, several: bool
) -> Iterator[dict[str, Any]]:
    from importer.sending.request import build_request

    for number, part in enumerate(_parts(pairs), 1):
        try:
            yield build_request(connection.numbered(number) if several else connection, part).body()
        except ConnectionInvalid as error:
            raise ConnectionInvalid(
                f"part {number}: {error.message}", hint="a shorter --name leaves room for the number"
            ) from None


def _write_folder(options: argparse.Namespace, pairs: Iterable[tuple[str, str]]) -> None:
    if options.output in (None, "-"):
        raise UsageError(
            "--as console with --split writes one file for each connection",
            hint="name a folder with -o FOLDER",
        )
    folder, name = Path(options.output), options.name or "hosts"
    if not (name.replace("_", "").isalnum() and name.isascii()):
        raise UsageError(f"--name {name!r}: only letters, digits and underscores (_) are allowed")
    try:
        folder.mkdir(exist_ok=True)
        occupied = any(folder.iterdir())
    except OSError as error:
        raise UsageError(
            f"-o {folder}: is no folder that can be written: {error.strerror or error}",
            hint="name a new folder",
        ) from None
    if occupied:
        raise UsageError(
            f"-o {folder}: is not empty",
            hint="name a new or empty folder, so that no old part is taken for a new one",
        )
    for number, part in enumerate(_parts(pairs), 1):
        file = folder / f"{name}_{number}.txt"
        write_results(pair_lines(part), str(file))
        say(f"{file}: {plural(len(part), 'host')} for one connection")


def _remark(report: Report, options: argparse.Namespace, connection: Connection | None) -> None:
    """What is worth knowing about what was written."""
    totals = report.totals
    say(f"{plural(totals.ready, 'host')} written of {balance(report)}")
    if totals.refused:
        causes = (
            f"{n:,} {code}" for code, n in report.counts.items() if report.severities[code] == Severity.ERROR
        )
        say(f"left out as refused: {', '.join(causes)}")
    warned = [
        f"{n:,} {code}" for code, n in report.counts.items() if report.severities[code] == Severity.WARNING
    ]
    if warned:
        say(f"warnings: {', '.join(warned)}; dli-hosts check shows them")
    if options.form == "console":
        say("pasting these lines into the console's dialog replaces all hosts of the connection")
    for warning in connection.warnings() if connection is not None else ():
        say(f"warning: {warning}")
