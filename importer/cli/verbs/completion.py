"""`completion`: a script that teaches a shell the verbs and options."""

from __future__ import annotations

import argparse
from typing import Any

from importer.cli.console import write_results
from importer.statuses import CLEAN

SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")


def add_options(verb: argparse.ArgumentParser) -> None:
    """The options of `completion`."""
    verb.epilog = 'example: eval "$(dli-hosts completion bash)"'
    verb.add_argument("shell", choices=SHELLS, help="which shell")


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    import shtab

    from importer.cli.parser import build_parser

    parser = build_parser()
    _complete_files(parser, shtab.FILE)
    write_results([shtab.complete(parser, shell=options.shell), "\n"], None)
    return CLEAN


def _complete_files(parser: argparse.ArgumentParser, how: Any) -> None:
    """Let the shell complete file names where a file is wanted."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for verb in action.choices.values():
                _complete_files(verb, how)
        elif str(action.metavar).startswith("FILE"):
            action.complete = how  # type: ignore[attr-defined]
