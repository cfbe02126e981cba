"""`init`: a jobs file to begin with, from options or from answers at a terminal."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from importer.cli.console import is_terminal, say, write_results
from importer.cli.verbs.schema import schema
from importer.errors import InputError, UsageError
from importer.language import said
from importer.shown import visible
from importer.statuses import CLEAN

_SCHEMA = "jobs.schema.json"
_TRIES = 5


def add_options(verb: argparse.ArgumentParser) -> None:
    """The options of `init`."""
    verb.epilog = "example: dli-hosts init jobs.toml --name mrs_prod --vpc ID --subnet ID --list fleet.hosts"
    verb.add_argument(
        "file", nargs="?", default="jobs.toml", metavar="JOBS.toml", help="file to write (jobs.toml)"
    )
    verb.add_argument("--name", help="name of the connection: letters, digits, _; at most 64")
    verb.add_argument("--vpc", metavar="ID", help="VPC to connect")
    verb.add_argument("--subnet", metavar="ID", help="network ID of its subnet")
    verb.add_argument(
        "--pool", metavar="NAME", action="append", default=[], help="elastic resource pool (repeatable)"
    )
    verb.add_argument("--list", metavar="FILE", action="append", default=[], help="host list (repeatable)")


def run(options: argparse.Namespace) -> int:
    """Ask for what no option says, check every answer, and write the file and its schema."""
    from importer.planning.first_jobs import jobs_file

    if os.path.lexists(options.file):
        raise UsageError(
            said("{file}: is there already", file=options.file), hint="name a new file; nothing was changed"
        )
    folder = os.path.dirname(options.file)
    fields: dict[str, Any] = {
        "name": options.name,
        "vpc": options.vpc,
        "subnet": options.subnet,
        "pools": options.pool,
        "files": options.list,
    }
    if is_terminal(sys.stdin) and is_terminal(sys.stderr):
        fields = {field: value or _asked(field) for field, value in fields.items()}
    fields["files"] = [_from_folder(path, folder) for path in fields["files"]]
    lines = list(jobs_file(fields, _SCHEMA))
    for path in fields["files"]:
        _tell_of_list(os.path.join(folder, path))
    beside = os.path.join(folder, _SCHEMA)
    if not os.path.lexists(beside):
        write_results([schema()], beside)
    write_results(lines, options.file)
    say(visible(said("{file} is written; next: dli-hosts plan {file}", file=options.file)))
    return CLEAN


def _asked(field: str) -> Any:
    """The answer of a person, asked again while it is wrong; raises UsageError where none comes."""
    from importer.planning.first_jobs import fault_of

    several = field in ("pools", "files")
    for _ in range(_TRIES):
        say(_question(field))
        answer = sys.stdin.readline()
        if not answer:
            break
        value: Any = answer.split() if several else answer.strip()
        if several and field == "files":
            wrong = "; ".join(
                said("{path}: no such file", path=path) for path in value if not os.path.exists(path)
            )
        else:
            wrong = fault_of(field, value) if value or field != "pools" else ""
        if not wrong and (value or field == "pools"):
            return value
        say(visible(wrong) or said("an answer is needed"))
    raise UsageError(
        said("no answer to: {question}", question=_question(field)), hint="dli-hosts init --help"
    )


def _question(field: str) -> str:
    return {
        "name": said("name of the connection (letters, digits, _):"),
        "vpc": said("ID of the VPC to connect:"),
        "subnet": said("network ID of its subnet:"),
        "pools": said("elastic resource pools, with blanks between them (may stay empty):"),
        "files": said("host lists, with blanks between them:"),
    }[field]


def _from_folder(path: str, folder: str) -> str:
    """A path as seen from the folder of the jobs file."""
    return path if os.path.isabs(path) else os.path.relpath(path, folder or ".")


def _tell_of_list(path: str) -> None:
    """Say what is in a list. Raises InputError for one that cannot be read."""
    from importer import check, read
    from importer.rendering.reports.text import balance

    if not os.path.exists(path):
        raise InputError("no such file", source=path, hint="check the spelling of the path")
    report = check(read(path)).report
    say(visible(f"{path}: {balance(report)}"))
