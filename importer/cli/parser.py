"""All verbs and options. Imports nothing heavy: `--help` and usage errors are instant."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NoReturn

from importer.cli.console import say, write_results
from importer.cli.groups.connection import add_connection
from importer.language import near_miss
from importer.shown import visible
from importer.version import __version__

SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")
EMIT_FORMATS = ("request", "console", "csv", "hosts", "terraform", "koocli")


VERBS = ("check", "emit", "plan", "submit", "status", "explain", "sandbox", "completion")


class _Parser(argparse.ArgumentParser):
    """argparse whose errors end with what to do, and whose help is written like any result."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message}\n  = help: {self.prog} --help\n")

    def _print_message(self, message: str, file: Any = None) -> None:
        if file is sys.stderr:
            say("\n".join(map(visible, message.rstrip("\n").split("\n"))))
        else:
            write_results([message], None)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of one verb; `run` among them carries it out. Exits with 2 for a usage error."""
    verb = next((word for word in arguments if not word.startswith("-")), None)
    parser = build_parser(verb or "")
    if verb is not None and verb not in VERBS:
        parser.error(f"there is no verb {verb!r}{near_miss(verb, VERBS)}")
    options, unknown = parser.parse_known_args(arguments)
    asked: argparse.ArgumentParser = getattr(options, "parser", parser)
    if unknown:
        known = [option for action in asked._actions for option in action.option_strings]
        meant = near_miss(unknown[0].split("=")[0], known) if unknown[0].startswith("-") else ""
        asked.error(f"unrecognized arguments: {' '.join(unknown)}{meant}")
    if verb is None:
        parser.error("a verb is missing")
    return options


def build_parser(wanted: str | None = None) -> argparse.ArgumentParser:
    """The whole command line; with a verb wanted, all verbs but the options of that one only: faster."""
    parser = _Parser(
        prog="dli-hosts",
        description="Check host lists and turn them into connection requests of Huawei Cloud DLI.",
        epilog="example: dli-hosts check /etc/hosts",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"dli-hosts {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", prog="dli-hosts")
    for name, summary, add_options in (
        ("check", "report everything that is wrong with a list", _add_check),
        ("emit", "write the request, or the hosts, of a list without errors", _add_emit),
        ("plan", "say what would be sent, and keep it in a file; sends nothing", _options_of("plan")),
        ("submit", "plan and send: each connection is created exactly once", _options_of("submit")),
        ("status", "what was tried, what came back, what to do", _options_of("status")),
        ("explain", "explain a rule, or list all rules", _add_explain),
        ("sandbox", "serve a local DLI to try things on", _options_of("sandbox")),
        ("completion", "print a completion script for a shell", _add_completion),
    ):
        verb = _verb(verbs, name, summary)
        if wanted in (None, name):
            add_options(verb)
    return parser


def _verb(verbs: Any, name: str, summary: str) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = verbs.add_parser(
        name, help=summary, description=summary[0].upper() + summary[1:] + ".", allow_abbrev=False
    )
    verb.set_defaults(run=_late(f"importer.cli.verbs.{name}"), parser=verb)
    return verb


def _late(module: str) -> Callable[[argparse.Namespace], int]:
    """The verb's `run`, its module imported only when it is carried out."""

    def run(options: argparse.Namespace) -> int:
        status: int = import_module(module).run(options)
        return status

    return run


def _options_of(name: str) -> Callable[[argparse.ArgumentParser], None]:
    """The options of a verb that keeps them beside its `run`."""

    def add(verb: argparse.ArgumentParser) -> None:
        import_module(f"importer.cli.verbs.{name}").add_options(verb)

    return add


def _add_check(verb: argparse.ArgumentParser) -> None:
    verb.epilog = "example: dli-hosts check fleet.hosts extra.csv --strict"
    add_inputs(verb)
    verb.add_argument(
        "--output-format", choices=("text", "json"), default="text", help="text for people, json for scripts"
    )
    verb.add_argument("-o", "--output", metavar="FILE", help="write the report there, not to standard output")
    add_rules(verb)
    add_reading(verb)
    add_talk(verb)


def _add_emit(verb: argparse.ArgumentParser) -> None:
    verb.epilog = "example: dli-hosts emit fleet.hosts --as request --name mrs_prod --vpc ID --subnet ID"
    add_inputs(verb)
    verb.add_argument(
        "--as", dest="form", choices=EMIT_FORMATS, required=True,
        help="request: the body of the API call; console: lines for the console's dialog; csv; hosts;"
        " terraform: a .tf.json file; koocli: a file for hcloud",
    )  # fmt: skip
    verb.add_argument("-o", "--output", metavar="FILE", help="write there, whole or not at all")
    verb.add_argument(
        "--skip-refused",
        action="store_true",
        help="go on without the refused records, and say how many there were",
    )
    add_connection(verb, "connection (--as request, terraform, koocli)")
    add_rules(verb)
    add_reading(verb)
    add_talk(verb)


def _add_explain(verb: argparse.ArgumentParser) -> None:
    verb.epilog = "example: dli-hosts explain N103"
    which = verb.add_mutually_exclusive_group()
    which.add_argument("code", nargs="?", help="code of a rule; without it all rules are listed")
    which.add_argument("--all", action="store_true", help="explain every rule")
    verb.add_argument(
        "--output-format", choices=("text", "json"), default="text", help="Markdown text, or json"
    )


def _add_completion(verb: argparse.ArgumentParser) -> None:
    verb.epilog = 'example: eval "$(dli-hosts completion bash)"'
    verb.add_argument("shell", choices=SHELLS, help="which shell")


def add_inputs(verb: argparse.ArgumentParser) -> None:
    """Add the files of one list."""
    verb.add_argument(
        "files", nargs="+", metavar="FILE", help="host lists, read as one list; - is standard input"
    )


def add_rules(verb: argparse.ArgumentParser) -> None:
    """Add the group `judging`."""
    rules = verb.add_argument_group("judging")
    for option, text in (
        ("--ignore", "hide findings of this rule (repeatable, or with commas)"),
        ("--error", "raise this rule to an error"),
        ("--warn", "lower, or raise, this rule to a warning"),
    ):
        rules.add_argument(option, metavar="CODE", action="append", default=[], help=text)
    rules.add_argument("--strict", action="store_true", help="warnings fail the run")
    rules.add_argument(
        "--split", action="store_true", help="the list is for several connections of at most 20,000 hosts"
    )
    rules.add_argument(
        "--on-conflict", choices=("refuse", "first", "last", "keep"), default="refuse",
        help="a name at a second address: refuse (default), take the first or the last address, keep all",
    )  # fmt: skip
    rules.add_argument(
        "--names",
        choices=("all", "first"),
        default="all",
        help="take all names of a hosts line (default), or the first",
    )
    rules.add_argument(
        "--cidr",
        metavar="CIDR",
        action="append",
        default=[],
        help="network that must hold each address (repeatable)",
    )
    rules.add_argument(
        "--only",
        metavar="PATTERN",
        action="append",
        default=[],
        help="take only these: a CIDR, or a glob over the name (repeatable)",
    )
    rules.add_argument(
        "--exclude",
        metavar="PATTERN",
        action="append",
        default=[],
        help="leave these out: a CIDR, or a glob over the name (repeatable)",
    )
    rules.add_argument("--keep-local", action="store_true", help="send local IPv4 addresses too")
    rules.add_argument(
        "--keep-trailing-dot", action="store_true", help="send the dot at the end of a name too"
    )
    rules.add_argument(
        "--max-findings",
        metavar="N",
        type=count,
        help="findings shown for each rule, 0 for all (text 50, json 10,000)",
    )
    rules.add_argument(
        "--max-records", metavar="N", type=positive, help="stop at more records than this (100,000,000)"
    )


def add_reading(verb: argparse.ArgumentParser) -> None:
    """Add the group `reading`."""
    reading = verb.add_argument_group("reading")
    reading.add_argument(
        "--from",
        dest="syntax",
        choices=("hosts", "csv"),
        default="",
        help="syntax, where the content does not show it",
    )
    reading.add_argument(
        "--encoding", metavar="NAME", default="", help="encoding, where it is not UTF-8: gb18030, cp1252, ..."
    )
    reading.add_argument("--delimiter", metavar="CHAR", default="", help="one of , ; tab |")
    reading.add_argument(
        "--name-column", metavar="COLUMN", default="", help="heading, or number from 1, of the name column"
    )
    reading.add_argument(
        "--ip-column", metavar="COLUMN", default="", help="heading, or number from 1, of the address column"
    )
    reading.add_argument(
        "--sheet", metavar="SHEET", default="", help="name, or number from 1, of a workbook's sheet"
    )
    reading.add_argument(
        "--max-line", metavar="BYTES", type=positive, help="longest line taken for one (1,048,576)"
    )
    reading.add_argument(
        "--max-decompressed", metavar="BYTES", type=positive, help="most that a packed file may hold (4 GiB)"
    )
    reading.add_argument(
        "--max-ratio", metavar="N", type=positive, help="most that a packed file may shrink (200)"
    )


def add_talk(verb: argparse.ArgumentParser) -> None:
    """Add -q and -v."""
    verb.add_argument("-q", "--quiet", action="store_true", help="no progress and no remarks")
    verb.add_argument("-v", "--verbose", action="store_true", help="show findings at info one by one too")


def count(text: str) -> int:
    """Type of an option: a whole number from 0."""
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0")
    return int(text)


def positive(text: str) -> int:
    """Type of an option: a whole number from 1."""
    if not count(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1")
    return int(text)
