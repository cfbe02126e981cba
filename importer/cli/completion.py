"""`completion`: a script that teaches a shell the verbs and options."""

from __future__ import annotations

import argparse

from importer.cli.console import CLEAN, write_results
from importer.cli.options import build_parser


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    import shtab

    write_results([shtab.complete(build_parser(), shell=options.shell), "\n"], None)
    return CLEAN
