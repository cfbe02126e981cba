"""`schema`: the JSON schema of jobs files, for editors and other programs."""

from __future__ import annotations

import argparse
from pathlib import Path

from importer.cli.console import write_results
from importer.statuses import CLEAN


def add_options(verb: argparse.ArgumentParser) -> None:
    """The options of `schema`."""
    verb.epilog = "example: dli-hosts schema -o jobs.schema.json"
    verb.add_argument("-o", "--output", metavar="FILE", help="write it to this file, not to standard output")


def run(options: argparse.Namespace) -> int:
    """Write the schema, as it is in the package."""
    write_results([schema()], options.output)
    return CLEAN


def schema() -> str:
    """The JSON schema (draft 2020-12) of a jobs file."""
    import importer.planning

    return Path(importer.planning.__file__).with_name("jobs.schema.json").read_text(encoding="utf-8")
