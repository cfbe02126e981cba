"""A jobs file on the command line: which file is one, its jobs, and what each of its lists came to."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from importer.errors import JobsInvalid
from importer.system import open_regular

if TYPE_CHECKING:
    from importer.planning.jobs import Job
    from importer.planning.preparing import Prepared
    from importer.rendering.lists import Listing


def is_jobs_file(name: str) -> bool:
    """Whether a file says that it is one: by its name, or by a line that begins a connection."""
    if name.lower().endswith(".toml"):
        return True
    try:
        with open_regular(name) as file:
            return any(line.strip() == b"[[connection]]" for line in file.read(1 << 16).splitlines())
    except (OSError, ValueError):
        return False


def open_jobs(path: str, options: argparse.Namespace) -> tuple[tuple[Job, ...], JobsInvalid | None]:
    """The jobs of a file, and what is wrong with the others: their lists are checked all the same.

    Raises ImporterError where there is no job without a fault, and where a list would be overwritten.
    """
    from importer.cli.inputs import refuse_overwriting
    from importer.planning.jobs import read_jobs

    invalid: JobsInvalid | None = None
    try:
        jobs = read_jobs(path, allow_outside=options.allow_outside)
    except JobsInvalid as error:
        if not error.jobs:
            raise
        jobs, invalid = error.jobs, error
    refuse_overwriting(options, *(name for job in jobs for name in job.files))
    return jobs, invalid


def listing_of(made: Prepared, *, ok: bool) -> Listing:
    """What a job came to, for a report. `ok`: its list, if it could be read, may be sent."""
    from importer.rendering.lists import Listing

    return Listing(
        made.report,
        ok=ok and made.error is None,
        name=made.connection.name,
        strict=made.terms.strict,
        spread=made.spread,
        error="" if made.error is None else str(made.error),
        hint="" if made.error is None else made.error.hint or "",
    )
