"""The command line: all verbs, and the options of the one that is wanted. Imports nothing heavy."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any, NoReturn

from importer.cli.console import columns, say, write_results
from importer.language import ENGLISH, LANGUAGES, near_miss, said, spoken, translated
from importer.shown import visible
from importer.version import __version__

VERBS = {
    "check": "report everything that is wrong with a list",
    "fix": "repair a list where a fault can mean only one thing",
    "emit": "write the request, or the hosts, of a list without errors",
    "plan": "say what would be sent, and keep it in a file; sends nothing",
    "submit": "plan and send: each connection is created exactly once",
    "pull": "the hosts that connections have now; without a name, a table of all connections",
    "rollback": "put back the hosts that an update replaced",
    "status": "what was tried, what came back, what to do",
    "explain": "explain a rule, or list all rules",
    "init": "write a jobs file to begin with",
    "schema": "print the JSON schema of jobs files",
    "sandbox": "serve a local DLI to try things on",
    "completion": "print a completion script for a shell",
}
"""Each verb with what it does. Its options (`add_options`) and what it does (`run`) are in the module of
`importer.cli.verbs` that has its name, which is loaded only when the verb is wanted."""


@cache
def _width() -> int:
    return columns() - 2


class _Help(argparse.HelpFormatter):
    """argparse's own, which is made for each option and asks again each time how wide the terminal is.

    It says in the spoken language what the options were given in English.
    """

    def __init__(self, prog: str, **how: Any) -> None:
        super().__init__(prog, **{"width": _width(), **how})

    def start_section(self, heading: str | None) -> None:
        """A group of options, under its title."""
        super().start_section(heading and translated(heading, spoken()))

    def add_text(self, text: str | None) -> None:
        """What the verb does, or the example."""
        super().add_text(text and translated(text, spoken()))

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help and translated(action.help, spoken())

    def _split_lines(self, text: str, width: int) -> list[str]:
        return super()._split_lines(text, width) if spoken() == ENGLISH else _wrapped(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if spoken() == ENGLISH:
            return super()._fill_text(text, width, indent)
        return "\n".join(indent + line for line in _wrapped(text, width - len(indent)))


def _wrapped(text: str, width: int) -> list[str]:
    from importer.rendering.wrapping import wrapped

    return wrapped(text, width)


class _Parser(argparse.ArgumentParser):
    """argparse whose errors end with what to do, and whose help is written like any result."""

    def error(self, message: str) -> NoReturn:
        self.exit(
            2, said("{prog}: error: {message}\n  = help: {prog} --help\n", prog=self.prog, message=message)
        )

    def _print_message(self, message: str, file: Any = None) -> None:
        if file is sys.stderr:
            say("\n".join(map(visible, message.rstrip("\n").split("\n"))))
        else:
            write_results([message], None)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of one verb; `run` among them carries it out. Exits with 2 for a usage error."""
    if arguments and arguments[0] in VERBS:
        verb = _of_verb(_Parser(**_about(arguments[0])), arguments[0])
        return _checked(verb, *verb.parse_known_args(arguments[1:]))
    name = next((word for word in arguments if not word.startswith("-")), None)
    parser = build_parser(name or "")
    if name is not None and name not in VERBS:
        parser.error(said("there is no verb {name!r}{meant}", name=name, meant=near_miss(name, VERBS)))
    options = _checked(parser, *parser.parse_known_args(arguments))
    if name is None:
        say(parser.format_help().rstrip("\n"))
        parser.error(said("a verb is missing"))
    return options


def _checked(
    parser: argparse.ArgumentParser, options: argparse.Namespace, rest: list[str]
) -> argparse.Namespace:
    """The options, where nothing is left that no option takes."""
    if rest:
        asked: argparse.ArgumentParser = getattr(options, "parser", parser)
        known = [option for action in asked._actions for option in action.option_strings]
        given = rest[0].split("=")[0]
        meant = _of_other_tools(given, known) or near_miss(given, known) if given.startswith("-") else ""
        asked.error(said("unrecognized arguments: {rest}{meant}", rest=" ".join(rest), meant=meant))
    return options


_HABITS = {
    "--format": "--output-format",
    "--select": "--error",
    "--out": "--output",
}
"""Options of other tools, and the option that does here what is meant."""


def _of_other_tools(given: str, known: list[str]) -> str:
    """` (did you mean --output-format?)` for an option that other tools call otherwise; else nothing."""
    if given == "--dry-run":
        return said(" (did you mean the verb plan? it sends nothing)")
    meant = _HABITS.get(given, "")
    return said(" (did you mean {meant}?)", meant=meant) if meant in known else ""


def build_parser(wanted: str | None = None) -> argparse.ArgumentParser:
    """The whole command line; with a verb wanted, all verbs but the options of that one only: faster."""
    parser = _Parser(
        prog="dli-hosts",
        description="Check host lists and turn them into connection requests of Huawei Cloud DLI.",
        epilog="example: dli-hosts check /etc/hosts",
        allow_abbrev=False,
        formatter_class=_Help,
    )
    parser.add_argument("--version", action="version", version=f"dli-hosts {__version__}")
    _add_language(parser)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", prog="dli-hosts")
    for name, summary in VERBS.items():
        verb = verbs.add_parser(name, help=summary, **_about(name))
        if wanted in (None, name):
            _of_verb(verb, name)
    return parser


def _add_language(parser: argparse.ArgumentParser) -> None:
    """Add --lang, which `importer.cli.main` has looked for before anything could be said."""
    parser.add_argument(
        "--lang", choices=LANGUAGES, help="language of what people read, else DLI_HOSTS_LANG or the locale's"
    )


def _about(name: str) -> dict[str, Any]:
    """How the parser of a verb is made."""
    summary = VERBS[name]
    return {
        "prog": f"dli-hosts {name}",
        "description": f"{summary[0].upper()}{summary[1:]}.",
        "allow_abbrev": False,
        "formatter_class": _Help,
    }


def _of_verb(verb: argparse.ArgumentParser, name: str) -> argparse.ArgumentParser:
    """The parser of a verb with its options, and with what carries it out."""
    module = import_module(f"importer.cli.verbs.{name}")
    module.add_options(verb)
    _add_language(verb)
    verb.set_defaults(run=module.run, parser=verb)
    return verb
