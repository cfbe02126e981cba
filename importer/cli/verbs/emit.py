"""`emit`: the request body, as it is or as another tool wants it, or the hosts, of a list without errors."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from importer.cli.console import results, say, write_results
from importer.cli.groups import Group, add_talk
from importer.cli.groups.connection import add_connection, connection_of
from importer.cli.groups.lists import add_files, add_judging, add_reading, add_skipping
from importer.errors import UsageError
from importer.language import plural, said
from importer.rendering.forms import FORMS, Form
from importer.statuses import CLEAN, FINDINGS

if TYPE_CHECKING:
    from importer.checking.hosts import HostBatch, Hosts, Kept
    from importer.checking.policy import Policy
    from importer.checking.report import Report
    from importer.planning.request import Connection
    from importer.planning.terms import Terms


def add_options(verb: argparse.ArgumentParser) -> None:
    """The options of `emit`."""
    verb.epilog = "example: dli-hosts emit fleet.hosts --as request --name mrs_prod --vpc ID --subnet ID"
    add_files(verb, "host lists, read as one list; - is standard input")
    own = Group("own", verb)
    own.add(
        "--as",
        dest="form",
        choices=tuple(FORMS),
        required=True,
        help="; ".join(f"{name}: {form.summary}" if form.summary else name for name, form in FORMS.items()),
    )
    own.add("-o", "--output", metavar="FILE", help="write to this file, all of it or nothing")
    add_skipping(verb)
    described = ", ".join(name for name, form in FORMS.items() if form.connection)
    add_connection(verb, said("connection (--as {described})", described=described))
    add_judging(verb)
    add_reading(verb)
    add_talk(verb)


def run(options: argparse.Namespace) -> int:
    """Write what was asked for, or the report on standard error and nothing else."""
    from importer.cli.inputs import check_inputs, needs_of_talk, policy_of, terms_of

    form = FORMS[options.form]
    terms = terms_of(options)
    policy = policy_of(options, needs_of_talk(options), unlimited=form.unlimited)
    if form.unlimited:
        return _stream(form, options, policy, terms)
    connection = connection_of(options) if form.connection else None
    report, hosts = check_inputs(options, policy)
    if _refused(report, options, terms):
        return FINDINGS
    _write(form, options, terms, connection, hosts)
    _remark(report, options, connection)
    return CLEAN


def _refused(report: Report, options: argparse.Namespace, terms: Terms) -> bool:
    """Whether findings forbid to write; then the report and the reason are told."""
    from importer.cli.inputs import say_report

    if not terms.blocking(report):
        return False
    say_report(report, options, split=terms.split or FORMS[options.form].unlimited)
    say(said("nothing was written: {report}", report=terms.why_not(report)))
    return True


def _stream(form: Form, options: argparse.Namespace, policy: Policy, terms: Terms) -> int:
    """Lines of any number of hosts, made while the list is read and shown once all of it is judged."""
    from importer.checking.threads import behind
    from importer.cli.inputs import check_inputs, report_inputs

    writer = form.load()
    with results(options.output) as made:
        made.write(writer.HEAD)

        def write(part: HostBatch | Kept) -> None:
            made.write(writer.lines(part))

        if policy.options.on_conflict == "last":  # which hosts are sent is known only at the end
            report, hosts = check_inputs(options, policy)
            for part in hosts.parts():
                write(part)
        else:
            with behind(write) as write_behind:
                report = report_inputs(options, policy, write_behind)
        if _refused(report, options, terms):
            return FINDINGS
        made.keep()
    _remark(report, options, None)
    return CLEAN


_Body = Mapping[str, Any]


def _write(
    form: Form, options: argparse.Namespace, terms: Terms, connection: Connection | None, hosts: Hosts
) -> None:
    """One document, or a folder with a file for each connection where a document cannot hold several."""
    several = terms.several(len(hosts))
    folder = form.suffix and (several or (terms.split and options.output not in (None, "-")))
    bodies = _bodies(options, connection, hosts, several=several, numbered=bool(folder))
    document = form.load().document
    if folder:
        _write_folder(options, form.suffix, ((body, document([body])) for body in bodies))
    else:
        write_results(document(list(bodies)), options.output)


def _bodies(
    options: argparse.Namespace, connection: Connection | None, hosts: Hosts, *, several: bool, numbered: bool
) -> Iterator[_Body]:
    """The request bodies of a list; where there is no connection, what they are called and their hosts.

    Raises UsageError for a name that could lead out of the folder.
    """
    from importer.planning.terms import parts, requests

    if connection is not None:
        for request in requests(connection, hosts.pairs(), several=several):
            yield request.body()
        return
    name = options.name or "hosts"
    if numbered and not (name.replace("_", "").isalnum() and name.isascii()):
        raise UsageError(
            said("--name {name!r}: only letters, digits and underscores (_) are allowed", name=name)
        )
    for number, part in enumerate(parts(hosts.pairs()), 1):
        yield {
            "name": f"{name}_{number}" if numbered else name,
            "hosts": [{"ip": ip, "name": host} for ip, host in part],
        }


def _write_folder(
    options: argparse.Namespace, suffix: str, files: Iterable[tuple[_Body, Iterable[str]]]
) -> None:
    """Write one file for each connection into a new or empty folder; all of them, or none."""
    from pathlib import Path

    if options.output in (None, "-"):
        raise UsageError(
            said("--as {form} with --split writes one file for each connection", form=options.form),
            hint="name a folder with -o FOLDER",
        )
    folder = Path(options.output)
    new = not folder.exists()
    try:
        folder.mkdir(exist_ok=True)
        occupied = any(folder.iterdir())
    except OSError as error:
        raise UsageError(
            said(
                "-o {folder}: is not a folder that can be written to: {strerror}",
                folder=folder,
                strerror=error.strerror or error,
            ),
            hint="name a new folder",
        ) from None
    if occupied:
        raise UsageError(
            said("-o {folder}: is not empty", folder=folder),
            hint="name a new or empty folder, so that no old part is taken for a new one",
        )
    written: list[tuple[Path, int]] = []
    try:
        for body, lines in files:
            path = folder / f"{body['name']}{suffix}"
            written.append((path, len(body["hosts"])))
            write_results(lines, str(path))
    except BaseException:
        with contextlib.suppress(OSError):  # the first failure is the one to tell
            for path, _ in written:
                path.unlink(missing_ok=True)
            if new:
                folder.rmdir()
        raise
    for path, count in written:
        say(said("{path}: {hosts} for one connection", path=path, hosts=plural(count, "host")))


def _remark(report: Report, options: argparse.Namespace, connection: Connection | None) -> None:
    """Tell what is worth knowing about what was written."""
    from importer.planning.terms import remarks
    from importer.rendering.reports.text import balance
    from importer.rendering.understood import understood_lines

    if options.quiet:
        return
    for line in understood_lines(report):
        say(line)
    say(
        said("{hosts} written of {report}", hosts=plural(report.totals.ready, "host"), report=balance(report))
    )
    for remark in remarks(report):
        say(remark)
    if FORMS[options.form].remark:
        say(FORMS[options.form].remark)
    for warning in connection.warnings() if connection is not None else ():
        say(f"warning: {warning}")
