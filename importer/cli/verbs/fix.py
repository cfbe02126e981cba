"""`fix`: repairs of lists, shown as a diff, written to another file, or in place."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from importer.cli.console import is_terminal, say, write_bytes
from importer.cli.groups import Group, add_talk
from importer.cli.groups.lists import LISTS, add_files, add_reading
from importer.columns.forms import is_name
from importer.errors import UsageError
from importer.language import plural, said
from importer.shown import visible
from importer.statuses import CHANGES, CLEAN, FINDINGS

if TYPE_CHECKING:
    from importer.checking.changes import Told
    from importer.checking.policy import Policy
    from importer.columns.batch import RecordBatch
    from importer.repairing.fixing import ListPlan, Outcome
    from importer.repairing.splitting import Parted, RefusedLines


class _List(NamedTuple):
    """One list that is to be repaired."""

    name: str
    """The connection that it is for; empty where files were named."""
    batches: Iterable[RecordBatch]
    policy: Policy
    paths: dict[str, str]
    """Its files: by the name that users know, the path."""


def add_options(verb: argparse.ArgumentParser) -> None:
    """The options of `fix`."""
    verb.epilog = "example: dli-hosts fix --diff fleet.hosts"
    add_files(verb, "host lists that are text, judged as one list; or a jobs file (.toml)")
    group = Group("fix", verb)
    group.add("--diff", action="store_true", help="show what would change and write nothing (default)")
    group.add("-o", "--output", metavar="FILE", help="write the repaired list to this file")
    group.add("--in-place", action="store_true", help="replace each file that changes, and keep it as FILE~")
    group.add(
        "--rejects",
        metavar="FILE",
        help="with -o or --in-place: move what is still refused to this file, to be mended by hand",
    )
    group.add("--unsafe", action="store_true", help="make repairs that could be wrong, too")
    group.add(
        "--digit-prefix",
        metavar="TEXT",
        default="",
        help="put this before names that begin with a digit; clients must then ask for the new names",
    )
    group.repeatable("--select", metavar="CODE", help="repair findings of this rule only (repeatable)")
    Group("picking", verb).add(
        "--allow-outside",
        action="store_true",
        help="a jobs file may name lists that lie outside of its folder",
    )
    add_reading(verb)
    add_talk(verb)


def run(options: argparse.Namespace) -> int:
    """Repair; 3 where `--diff` shows repairs, 1 where findings at error are left, else 0."""
    from importer.cli.jobs import is_jobs_file
    from importer.cli.planning import refuse_options

    _refuse_together(options)
    codes = _chosen(options)
    jobs = next((name for name in options.files if is_jobs_file(name)), "")
    if jobs:
        if len(options.files) > 1:
            raise UsageError(
                said("{jobs}: a jobs file stands alone", jobs=jobs), hint="name it and nothing else"
            )
        if options.output or options.rejects:
            raise UsageError(
                "-o and --rejects take one list", hint="repair the lists of a jobs file with --in-place"
            )
        refuse_options(options, LISTS, said("{jobs} is a jobs file", jobs=jobs), "say it in the jobs file")
        lists = _of_jobs(jobs, options)
    else:
        lists = _of_files(options)
    status = CLEAN
    for one in lists:
        status = max(status, _repair(one, options, codes))
    return status


def _refuse_together(options: argparse.Namespace) -> None:
    """Raise UsageError for options that exclude each other."""
    given = {"--diff": options.diff, "-o": options.output, "--in-place": options.in_place}
    chosen = [name for name, value in given.items() if value]
    if len(chosen) > 1:
        raise UsageError(
            said("{chosen} and {chosen_2} exclude each other", chosen=chosen[0], chosen_2=chosen[1]),
            hint="give one of them",
        )
    if options.rejects and (not chosen or options.diff or len(options.files) > 1):
        raise UsageError("--rejects needs one list, and -o or --in-place", hint="give a target for the rest")
    if options.rejects and options.output and _same(options.rejects, options.output):
        raise UsageError("--rejects and -o name the same file", hint="name another file")
    if options.digit_prefix and not is_name(options.digit_prefix):
        raise UsageError(
            said("--digit-prefix {digit_prefix}: no name can begin so", digit_prefix=options.digit_prefix),
            hint="begin with a letter, and use A-Z a-z 0-9 . _ - only",
        )
    if "-" in options.files:
        raise UsageError("standard input cannot be repaired", hint="put it into a file first")
    if options.output and len(options.files) > 1:
        raise UsageError("-o takes one list", hint="repair several lists with --in-place")


def _chosen(options: argparse.Namespace) -> frozenset[str]:
    """The rules whose findings are to be repaired; empty for all. Raises UsageError."""
    from importer.checking.policy import rules_of

    codes = [code.strip() for given in options.select for code in given.split(",") if code.strip()]
    return frozenset(rule.code for code in codes for rule in rules_of("--select", code))


def _of_files(options: argparse.Namespace) -> Iterator[_List]:
    """What the command line names, as one list."""
    from importer.checking.options import CheckOptions
    from importer.checking.policy import Policy
    from importer.cli.inputs import open_reading, refuse_overwriting

    refuse_overwriting(options)
    with open_reading(options) as reading:
        seen = set()
        for name in reading.names:
            if (real := os.path.realpath(name)) in seen:
                raise UsageError(said("{name}: is named twice", name=name), hint="name each file once")
            seen.add(real)
        paths = dict(zip(reading.shown, reading.names, strict=True))
        yield _List("", reading, Policy.of(CheckOptions()), paths)


def _of_jobs(path: str, options: argparse.Namespace) -> Iterator[_List]:
    """The list of each connection of a jobs file; a file that several of them name is repaired once."""
    from importer.checking.policy import Policy
    from importer.cli.progress import Progress
    from importer.columns.kernels import calm_allocator
    from importer.planning.jobs import job_batches, read_jobs

    calm_allocator()
    done: set[str] = set()
    for job in read_jobs(path, allow_outside=options.allow_outside):
        files = {shown: real for shown, real in zip(job.shown, job.files, strict=True) if real not in done}
        done.update(files.values())
        if not files:
            continue
        progress = Progress(0, quiet=options.quiet)
        try:
            batches = job_batches(job, progress)
            yield _List(job.connection.name, batches, Policy.of(job.check), files)
        finally:
            progress.close()


def _repair(one: _List, options: argparse.Namespace, codes: frozenset[str]) -> int:
    """Repair one list; the exit status."""
    from importer.checking.changes import Wish
    from importer.repairing.fixing import Outcome, plan_repairs, refuse_unfit

    states = {name: refuse_unfit(path, name, in_place=options.in_place) for name, path in one.paths.items()}
    keep_dot = one.policy.options.keep_trailing_dot
    wish = Wish(options.unsafe, codes, keep_dot, options.digit_prefix)
    with plan_repairs(one.batches, one.policy, wish, states) as plan:
        return _carried_out(one, plan, Outcome(), options)


def _carried_out(one: _List, plan: ListPlan, outcome: Outcome, options: argparse.Namespace) -> int:
    from importer.rendering.repaired import summary_lines, told_lines, verdict_of
    from importer.repairing.fixing import diff_of, write_in_place, write_names, write_parted, write_to

    told: list[tuple[str, int, Told]] = []
    backups: list[str] = []
    parted: Parted | None = None
    if options.rejects:
        parted, backups = write_parted(
            options.output,
            options.rejects,
            plan,
            one.paths,
            outcome,
            told,
            partial(_judged_again, one, options),
        )
        done = "repaired"
    elif options.in_place:
        backups = write_in_place(plan, one.paths, outcome, told)
        done = "repaired"
    elif options.output:
        write_to(options.output, plan, one.paths, outcome, told)
        done = said("repaired, in {output}", output=visible(options.output))
    else:
        write_bytes(_shown(diff_of(plan, one.paths, outcome, told)))
        done = "can be repaired"
    target = options.output or (next(iter(one.paths.values())) if options.in_place else "")
    if target and outcome.renamed:
        write_names(f"{target}.names.csv", outcome.renamed)
    if not options.quiet:
        for line in told_lines(told) if options.verbose else ():
            say(line)
        for line in summary_lines(plan, outcome, unsafe=options.unsafe):
            say(line)
        if outcome.renamed:
            say("warning: clients must ask for the new names")
            if target:
                say(said("the old and the new names: {target}.names.csv", target=visible(target)))
        for backup in backups:
            say(said("the list as it was: {backup}", backup=visible(backup)))
        name = f"{one.name}: " if one.name else ""
        if parted is not None:
            say(
                said(
                    "{lines} moved to {rejects}",
                    lines=plural(parted.moved, "line"),
                    rejects=visible(options.rejects),
                )
            )
            if parted.left:
                say(
                    said(
                        "{lines} with several rows, or a part of a row, cannot be moved",
                        lines=plural(parted.left, "line"),
                    )
                )
        say(f"{name}{verdict_of(outcome, done)}{_next(one, outcome, options)}")
    if not options.in_place and not options.output and outcome.lines:
        return CHANGES
    if parted is not None:
        return FINDINGS if parted.left else CLEAN
    return FINDINGS if plan.errors_left(outcome.repaired) else CLEAN


def _judged_again(one: _List, options: argparse.Namespace, path: str) -> RefusedLines:
    """The repaired list, to be read under its own name."""
    from dataclasses import replace

    from importer.cli.groups import values
    from importer.reading.read import read
    from importer.repairing.splitting import RefusedLines

    reading = replace(read(path, **values(options, "reading")), shown=tuple(one.paths))
    return RefusedLines(reading, one.policy)


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _next(one: _List, outcome: Outcome, options: argparse.Namespace) -> str:
    """The command to type next."""
    from importer.cli.inputs import files_as_typed

    files = files_as_typed(options.files)
    if options.output:
        return said("; next: dli-hosts check {value}", value=files_as_typed([options.output]))
    if options.in_place or not outcome.lines:
        return said("; next: dli-hosts check {files}", files=files)
    return said("; to do it: dli-hosts fix --in-place {files}", files=files)


def _shown(diff: Iterator[bytes]) -> Iterator[bytes]:
    """The diff as it is; on a terminal with nothing in it that could steer it."""
    if not is_terminal(sys.stdout):
        yield from diff
        return
    for piece in diff:
        lines = piece.decode("utf-8", "surrogateescape").split("\n")
        yield "\n".join(visible(line) for line in lines).encode("utf-8", "backslashreplace")
