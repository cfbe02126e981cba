"""What verbs that judge lists share: from options to lists, and from lists to a report."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import IO, TYPE_CHECKING

from importer.checking.policy import Policy
from importer.cli.console import colour_wanted, columns, in_ci, say
from importer.cli.groups import files_read, values
from importer.cli.groups.lists import check_options
from importer.cli.progress import Progress
from importer.errors import UsageError
from importer.language import said, spoken
from importer.rendering.reports import FOR_PEOPLE, Look, Needs, needs_of, report_in
from importer.shown import visible

if TYPE_CHECKING:
    from importer.checking.hosts import HostBatch, Hosts
    from importer.checking.report import Report
    from importer.checking.spread import Spread
    from importer.planning.host_columns import HostBlocks
    from importer.planning.terms import Terms
    from importer.reading.read import Reading


def policy_of(options: argparse.Namespace, needs: Needs, *, unlimited: bool = False) -> Policy:
    """What the options say about judging. `unlimited`: the output may hold any number of hosts.

    Raises UsageError, before anything heavy is loaded.
    """
    if options.files.count("-") > 1:
        raise UsageError("standard input is named more than once", hint="name - once")
    refuse_overwriting(options)
    return Policy.of(check_options(options, needs, unlimited=unlimited))


def terms_of(options: argparse.Namespace) -> Terms:
    """What the options say that a list must satisfy to be sent."""
    from importer.planning.terms import Terms

    return Terms(options.strict, options.skip_refused, options.split, options.on_conflict)


def refuse_overwriting(options: argparse.Namespace, *lists: str) -> None:
    """What is read is never written: what the options name, and further lists. Raises UsageError."""
    targets = [("-o ", getattr(options, "output", None))]
    targets += [("--rejects ", getattr(options, "rejects", None))]
    targets += [(f"--report {form}=", target) for form, target in getattr(options, "report", ())]
    targets = [(option, target) for option, target in targets if target not in (None, "-")]
    if not targets:
        return
    inputs = [inner for name in (*files_read(options), *lists) for inner in _inside(name)]
    for option, target in targets:
        if any(_same_file(name, str(target)) for name in inputs):
            raise UsageError(
                said("{option}{target}: is one of the inputs", option=option, target=target),
                hint="name another file; nothing was changed",
            )
    for option, target in targets:
        if os.path.exists(str(target)):
            _refuse_standing(option, str(target))


def _refuse_standing(option: str, target: str) -> None:
    """What this program keeps or finds by itself is never replaced, though no option names it: UsageError."""
    from importer.calling.credentials import CA_VARIABLES, CREDENTIALS_VARIABLE, default_file
    from importer.system import home_folder

    names = [os.environ.get(name, "") for name in (CREDENTIALS_VARIABLE, *CA_VARIABLES)]
    names.append(str(default_file(home_folder()) or ""))
    if any(_same_file(inner, target) for name in names if name for inner in _inside(name)):
        raise UsageError(
            said("{option}{target}: holds credentials or certificates", option=option, target=target),
            hint="name another file; nothing was changed",
        )
    if _is_journal(target):
        raise UsageError(
            said(
                "{option}{target}: is a journal, without which nobody knows what was sent",
                option=option,
                target=target,
            ),
            hint="name another file; nothing was changed",
        )


def _is_journal(path: str) -> bool:
    """Whether a file begins as a journal does; False if it cannot be read."""
    from importer.sending.history import FORMAT

    try:
        if not os.path.isfile(path):
            return False
        with open(path, "rb") as file:
            return f'"{FORMAT}"'.encode() in file.read(200).partition(b"\n")[0]
    except OSError:
        return False


def _inside(name: str) -> list[str]:
    """An input, and what lies in it where it is a folder: that is read, too."""
    try:
        return [name, *(os.path.join(name, inner) for inner in os.listdir(name))]
    except (OSError, ValueError):  # not a folder
        return [name]


def _same_file(read: str, written: str) -> bool:
    """Whether an input is that file; standard input may be the same file, too."""
    try:
        return os.path.samefile(sys.stdin.fileno() if read == "-" else read, written)
    except (OSError, ValueError, AttributeError):  # not there, or no standard input
        return False


def check_inputs(options: argparse.Namespace, policy: Policy) -> tuple[Report, Hosts]:
    """Read and judge everything that was named, and collect the ready records."""
    from importer.checking.pipeline import collect

    with open_reading(options) as reading:
        return collect(reading, policy)


def plan_inputs(options: argparse.Namespace, policy: Policy) -> tuple[Report, HostBlocks]:
    """Read and judge everything that was named, and collect the ready records as lines of requests."""
    from importer.planning.preparing import blocks_of

    with open_reading(options) as reading:
        return blocks_of(reading, policy)


def report_inputs(
    options: argparse.Namespace, policy: Policy, hosts: Callable[[HostBatch], None] | None = None
) -> Report:
    """Read and judge everything that was named; `hosts` is handed the ready records as they come."""
    from importer.checking.pipeline import run

    with open_reading(options) as reading:
        report, _ = run(reading, policy, hosts=hosts)
        return report


def survey_inputs(
    options: argparse.Namespace, policy: Policy, *only: str, spread: bool
) -> tuple[Report, Spread | None]:
    """Read and judge the inputs, or one of them; how the ready records lie is asked for by `spread`."""
    from importer.checking.pipeline import survey

    with open_reading(options, *only) as reading:
        return survey(reading, policy, spread=spread)


@contextlib.contextmanager
def open_reading(options: argparse.Namespace, *only: str) -> Iterator[Reading]:
    """The inputs, or some of them, to be read while progress is shown."""
    from importer.columns.kernels import calm_allocator
    from importer.reading.read import read

    calm_allocator()
    reading = read(*(only or options.files), **values(options, "reading"))
    for name in () if options.quiet else reading.left_out:
        say(visible(said("{name}: left out of its folder", name=name)))
    progress = Progress(reading.size(), quiet=options.quiet)
    try:
        yield replace(reading, progress=progress)
    finally:
        progress.close()


def look_of(options: argparse.Namespace, stream: IO[str] | None, *, split: bool | None = None) -> Look:
    """How a report is to look. `stream`: the terminal that it may be for; None for a file."""
    return Look(
        strict=options.strict,
        colour=stream is not None and colour_wanted(stream),
        verbose=options.verbose,
        split=options.split if split is None else split,
        width=columns(),
        ci=in_ci(),
        files=files_as_typed(options.files),
        language=spoken(),
        moment=time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()),
    )


_TYPED = 200


def files_as_typed(files: list[str]) -> str:
    """The inputs for a command that is to be typed; `FILE` for what cannot be typed, or be read again."""
    from shlex import join

    text = join(files)
    return "FILE" if "-" in files or len(text) > _TYPED or visible(text) != text else text


def needs_of_talk(options: argparse.Namespace) -> Needs:
    """What a run has to keep for the report that `say_report` tells."""
    return needs_of([FOR_PEOPLE], options.max_findings, verbose=options.verbose)


def say_report(report: Report, options: argparse.Namespace, *, split: bool | None = None) -> None:
    """Tell the report of a list that nothing is made of."""
    for text in report_in(FOR_PEOPLE, report, look_of(options, sys.stderr, split=split)):
        say(text.removesuffix("\n"))
