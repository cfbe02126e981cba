"""Every sentence that the program says to people, gathered from where each one is written.

As a script it brings the catalogue of translations up to date: new sentences are added without a translation,
those that are said no longer are taken out, and the compiled file is written anew.
"""

from __future__ import annotations

import argparse
import ast
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from importer.checking.catalogue import RULES
from importer.checking.findings import Severity
from importer.checking.repair_words import CAUSES
from importer.cli.parser import build_parser
from importer.rendering.explain import _ABOUT
from importer.rendering.understood import _FORMATS, _PASSED_OVER

CATALOGUE = Path(__file__).parents[2] / "importer/locale/zh/LC_MESSAGES/dli-hosts.po"
PACKAGE = Path(__file__).parents[2] / "importer"
_WORDED = {"said", "worded", "translated", "told"}
_NOT_SAID = {"MarkupError", "ValueError", "OSError", "AttributeError", "KeyError", "TypeError"}
"""Exceptions that never reach a person."""
_ARGPARSE = (
    "usage: ",
    "options",
    "positional arguments",
    "show this help message and exit",
    "show program's version number and exit",
    "%(prog)s: error: %(message)s\n",
    "argument %(argument_name)s: %(message)s",
    "expected one argument",
    "expected at least one argument",
    "expected at most one argument",
    "the following arguments are required: %s",
    "one of the arguments %s is required",
    "unrecognized arguments: %s",
    "not allowed with argument %s",
    "ignored explicit argument %r",
    "invalid %(type)s value: %(value)r",
    "invalid choice: %(value)r (choose from %(choices)s)",
)
"""What the standard library's parser says, which looks for it in the same catalogue."""


def messages() -> dict[str, str]:
    """Each sentence or template, with where it is written."""
    found: dict[str, str] = dict.fromkeys(_ARGPARSE, "argparse")
    for rule in RULES:
        texts = (rule.message, *rule.messages.values(), rule.hint, *rule.hints.values())
        for text in (*texts, rule.what, rule.why, rule.remedy):
            found.setdefault(text, rule.code)
    found |= dict.fromkeys((severity.label for severity in Severity), "severities")
    found |= dict.fromkeys(("refused", "skipped", "merged", "sent"), "fates")
    found |= dict.fromkeys(_of_parser(build_parser()), "help")
    found |= dict.fromkeys((*_ABOUT.values(), *_FORMATS.values(), *CAUSES.values()), "tables")
    nouns = (*(severity.label for severity in Severity), *_PASSED_OVER.values(), "connection", "file", "job")
    found |= dict.fromkeys((f"{{number}} {noun}" for noun in nouns), "nouns")
    for path in sorted(PACKAGE.rglob("*.py")):
        name = str(path.relative_to(PACKAGE))
        if not name.startswith(("sandbox/", "distributed/")):
            for text in _of_code(ast.parse(path.read_text())):
                found.setdefault(text, name)
    return {text: where for text, where in found.items() if text.strip()}


def _of_parser(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield from filter(None, (parser.description, "" if "Kinds:" in (parser.epilog or "") else parser.epilog))
    for group in parser._action_groups:
        yield from filter(None, (group.title, group.description))
    for action in parser._actions:
        if action.help and action.help != argparse.SUPPRESS:
            yield action.help
        if isinstance(action, argparse._SubParsersAction):
            yield from (one.help for one in action._choices_actions if one.help)
            for verb in action.choices.values():
                yield from _of_parser(verb)


def _of_code(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in _WORDED and node.args:
            yield from _constants(node.args[0])
        elif name == "plural":
            yield from (f"{{number}} {noun}" for noun in _constants(node.args[1]))
        elif name.endswith(("Error", "Invalid")) and name not in _NOT_SAID:
            for value in (*node.args[:1], *(one.value for one in node.keywords if one.arg == "hint")):
                yield from _constants(value)


def _constants(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_constants(node.body), *_constants(node.orelse))
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _constants(value)


def catalogue() -> Catalog:
    """The translations, as they stand in the file for people."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh")


def compiled(translations: Catalog) -> bytes:
    """The same as gettext reads them."""
    file = io.BytesIO()
    write_mo(file, translations)
    return file.getvalue()


def _update() -> None:
    old = {str(message.id): message.string for message in catalogue() if message.id}
    new = Catalog(locale="zh", project="dli-hosts", fuzzy=False, header_comment="# Chinese for dli-hosts")
    for text, where in sorted(messages().items(), key=lambda item: (item[1], item[0])):
        new.add(text, old.get(text, ""), locations=[(where, 0)])
    with CATALOGUE.open("wb") as file:
        write_po(file, new, width=110, omit_header=False, include_lineno=False)
    CATALOGUE.with_suffix(".mo").write_bytes(compiled(new))


if __name__ == "__main__":
    _update()
