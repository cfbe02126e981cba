"""`emit`: the request body, as it is or as another tool wants it, or the hosts, of a list without errors."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importer import limits
from importer.cli.console import CLEAN, FINDINGS, colour_wanted, results, say, write_results
from importer.cli.groups.connection import connection_of
from importer.cli.inputs import check_inputs, policy_of, report_inputs
from importer.errors import UsageError
from importer.language import plural
from importer.planning.terms import blocking, parts, remarks, requests, why_not
from importer.rendering.hostlists import LINE_FORMS, pair_lines
from importer.rendering.koocli import koocli_document
from importer.rendering.terraform import terraform_document
from importer.rendering.text import balance, report_lines

if TYPE_CHECKING:
    from importer.checking.hosts import HostBatch, Hosts, Kept
    from importer.checking.policy import Policy
    from importer.checking.report import Report
    from importer.planning.request import Connection

_OF_A_CONNECTION = ("request", "terraform", "koocli")


def run(options: argparse.Namespace) -> int:
    """Write what was asked for, or the report on standard error and nothing else."""
    unlimited = options.form in LINE_FORMS
    policy = policy_of(options, text=True, unlimited=unlimited)
    if unlimited:
        return _stream(options, policy)
    connection = connection_of(options) if options.form in _OF_A_CONNECTION else None
    report, hosts = check_inputs(options, policy)
    if _refused(report, options):
        return FINDINGS
    _write(options, connection, hosts)
    if not options.quiet:
        _remark(report, options, connection)
    return CLEAN


def _refused(report: Report, options: argparse.Namespace) -> bool:
    """Whether findings forbid to write, which is then told with the report."""
    if not blocking(report, skip_refused=options.skip_refused, strict=options.strict):
        return False
    split = options.split or options.form in LINE_FORMS
    for line in report_lines(report, colour=colour_wanted(sys.stderr), split=split):
        say(line)
    say(f"nothing was written: {why_not(report, skip_refused=options.skip_refused, strict=options.strict)}")
    return True


def _stream(options: argparse.Namespace, policy: Policy) -> int:
    """Lines of any number of hosts, made while the list is read and shown once all of it is judged."""
    from importer.checking.threads import behind
    from importer.columns.joining import joined

    form = LINE_FORMS[options.form]
    with results(options.output) as made:
        made.write(form.head)

        def write(part: HostBatch | Kept) -> None:
            made.write(joined(part.ip, part.name, form.separator))

        if policy.options.on_conflict == "last":  # what is sent is known at the end only
            report, hosts = check_inputs(options, policy)
            for part in hosts.parts():
                write(part)
        else:
            with behind(write) as write_behind:
                report = report_inputs(options, policy, write_behind)
        if _refused(report, options):
            return FINDINGS
        made.keep()
    if not options.quiet:
        _remark(report, options, None)
    return CLEAN


def _write(options: argparse.Namespace, connection: Connection | None, hosts: Hosts) -> None:
    """One document, or a folder with one for each connection where a document cannot hold several."""
    pairs = hosts.pairs()
    several = options.split and len(hosts) > limits.MAX_HOSTS
    folder = several or (options.split and options.output not in (None, "-"))
    if connection is not None:
        bodies = [request.body() for request in requests(connection, pairs, several=several)]
        if options.form == "koocli" and folder:
            _write_folder(options, map(_koocli_file, bodies))
        else:
            write_results(_json(_document(options.form, bodies, several=several)), options.output)
    elif folder:
        _write_folder(options, _console_files(options.name or "hosts", pairs))
    else:
        write_results(pair_lines(pairs), options.output)


def _document(form: str, bodies: list[dict[str, Any]], *, several: bool) -> Any:
    """The request bodies as one document."""
    if form == "terraform":
        return terraform_document(bodies)
    return koocli_document(bodies[0]) if form == "koocli" else bodies if several else bodies[0]


def _json(document: Any) -> list[str]:
    return [json.dumps(document, indent=2, ensure_ascii=False), "\n"]


_File = tuple[str, Iterable[str], int]
"""Name in the folder, lines, number of hosts."""


def _console_files(name: str, pairs: Iterable[tuple[str, str]]) -> Iterator[_File]:
    """Raises UsageError for a name that could lead out of the folder."""
    if not (name.replace("_", "").isalnum() and name.isascii()):
        raise UsageError(f"--name {name!r}: only letters, digits and underscores (_) are allowed")
    return ((f"{name}_{i}.txt", pair_lines(part), len(part)) for i, part in enumerate(parts(pairs), 1))


def _koocli_file(body: dict[str, Any]) -> _File:
    return f"{body['name']}.json", _json(koocli_document(body)), len(body["hosts"])


def _write_folder(options: argparse.Namespace, files: Iterable[_File]) -> None:
    """Write one file for each connection into a new or empty folder; all of them, or none."""
    if options.output in (None, "-"):
        raise UsageError(
            f"--as {options.form} with --split writes one file for each connection",
            hint="name a folder with -o FOLDER",
        )
    folder = Path(options.output)
    new = not folder.exists()
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
    written: list[tuple[Path, int]] = []
    try:
        for name, lines, count in files:
            written.append((folder / name, count))
            write_results(lines, str(folder / name))
    except BaseException:
        with contextlib.suppress(OSError):  # what made it fail is what matters
            for path, _ in written:
                path.unlink(missing_ok=True)
            if new:
                folder.rmdir()
        raise
    for path, count in written:
        say(f"{path}: {plural(count, 'host')} for one connection")


def _remark(report: Report, options: argparse.Namespace, connection: Connection | None) -> None:
    """What is worth knowing about what was written."""
    say(f"{plural(report.totals.ready, 'host')} written of {balance(report)}")
    for remark in remarks(report):
        say(remark)
    if options.form == "console":
        say("pasting these lines into the console's dialog replaces all hosts of the connection")
    if options.form == "terraform":
        say("terraform reads it from a file whose name ends in .tf.json")
    if options.form == "koocli":
        say("send it with: hcloud DLI CreateEnhancedConnection --cli-jsonInput=FILE.json --project_id=ID")
    for warning in connection.warnings() if connection is not None else ():
        say(f"warning: {warning}")
