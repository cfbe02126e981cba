"""What `check` and `emit` share: options to lists, and lists to a report."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from importer.checking.options import CheckOptions
from importer.checking.policy import Policy
from importer.cli.console import Progress
from importer.errors import UsageError

if TYPE_CHECKING:
    from importer.checking.hosts import HostBatch, Hosts
    from importer.checking.report import Report
    from importer.reading.read import Reading

TEXT_FINDINGS = 50
JSON_FINDINGS = 10_000


def policy_of(options: argparse.Namespace, *, text: bool, unlimited: bool = False) -> Policy:
    """What the options say about judging. `unlimited`: the output may hold any number of hosts.

    Raises UsageError, before anything heavy is loaded.
    """
    if options.files.count("-") > 1:
        raise UsageError("standard input is named more than once", hint="name - once")
    refuse_overwriting(options)
    return Policy.of(_check_options(options, text=text, unlimited=unlimited))


_READ = ("connection", "credentials", "token_file", "ca_bundle", "journal")
"""Options, where a verb has them, that name a file which is read."""


def refuse_overwriting(options: argparse.Namespace, *lists: str) -> None:
    """What is read is never written: what the options name, and further lists. Raises UsageError."""
    target = getattr(options, "output", None)
    if target in (None, "-"):
        return
    named = [getattr(options, name, None) for name in _READ]
    files = [file for name in options.files for file in _inside(name)]
    inputs = [*files, *lists, *filter(None, named), *["-"] * getattr(options, "token_stdin", False)]
    if any(_same_file(name, target) for name in inputs):
        raise UsageError(f"-o {target}: is one of the inputs", hint="name another file; nothing was changed")


def _inside(name: str) -> list[str]:
    """An input, and what lies in it where it is a folder: that is read, too."""
    try:
        return [name, *(os.path.join(name, inner) for inner in os.listdir(name))]
    except (OSError, ValueError):  # not a folder
        return [name]


def _same_file(read: str, written: str) -> bool:
    """Whether an input is that file; standard input may be one, too."""
    try:
        return os.path.samefile(sys.stdin.fileno() if read == "-" else read, written)
    except (OSError, ValueError, AttributeError):  # not there, or no standard input
        return False


def check_inputs(options: argparse.Namespace, policy: Policy) -> tuple[Report, Hosts]:
    """Read and judge everything that was named, and collect the ready records."""
    from importer.checking.pipeline import collect

    with _reading(options) as reading:
        return collect(reading, policy)


def report_inputs(
    options: argparse.Namespace, policy: Policy, hosts: Callable[[HostBatch], None] | None = None
) -> Report:
    """Read and judge everything that was named; `hosts` is handed the ready records as they come."""
    from importer.checking.pipeline import run

    with _reading(options) as reading:
        report, _ = run(reading, policy, hosts=hosts)
        return report


@contextlib.contextmanager
def _reading(options: argparse.Namespace) -> Iterator[Reading]:
    from importer.columns.kernels import calm_allocator
    from importer.reading.read import read

    calm_allocator()
    reading = read(*options.files, **_read_keywords(options))
    progress = Progress(reading.size(), quiet=options.quiet)
    try:
        yield replace(reading, progress=progress)
    finally:
        progress.close()


def _check_options(options: argparse.Namespace, *, text: bool, unlimited: bool) -> CheckOptions:
    limit = options.max_findings
    if limit is None:
        limit = TEXT_FINDINGS if text else JSON_FINDINGS
    further = {} if options.max_records is None else {"max_records": options.max_records}
    return CheckOptions(
        names=options.names,
        cidr=tuple(options.cidr),
        only=tuple(options.only),
        exclude=tuple(options.exclude),
        keep_local=options.keep_local,
        keep_trailing_dot=options.keep_trailing_dot,
        on_conflict=options.on_conflict,
        split=options.split or unlimited,
        ignore=_codes(options.ignore),
        error=_codes(options.error),
        warn=_codes(options.warn),
        max_findings=limit,
        max_infos=1 if text and not options.verbose else None,
        excerpts=text,
        **further,
    )


def _codes(values: list[str]) -> tuple[str, ...]:
    return tuple(code.strip().upper() for value in values for code in value.split(",") if code.strip())


def _read_keywords(options: argparse.Namespace) -> dict[str, Any]:
    keywords = {
        name: getattr(options, name)
        for name in ("syntax", "encoding", "delimiter", "name_column", "ip_column", "sheet")
    }
    for bound in ("max_line", "max_decompressed", "max_ratio"):
        if getattr(options, bound) is not None:
            keywords[bound] = getattr(options, bound)
    return keywords
