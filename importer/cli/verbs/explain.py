"""`explain`: the catalogue, offline."""

from __future__ import annotations

import argparse

from importer.cli.console import write_results
from importer.errors import UsageError
from importer.language import said, spoken
from importer.rendering.pretty import json_text
from importer.statuses import CLEAN


def add_options(verb: argparse.ArgumentParser) -> None:
    """The options of `explain`."""
    verb.epilog = "example: dli-hosts explain N103"
    which = verb.add_mutually_exclusive_group()
    which.add_argument("code", nargs="?", help="code of a rule; without it all rules are listed")
    which.add_argument("--all", action="store_true", help="explain every rule")
    verb.add_argument(
        "--output-format", choices=("text", "json"), default="text", help="Markdown text, or json"
    )


def run(options: argparse.Namespace) -> int:
    """Explain one rule, all rules, or list them."""
    from importer.checking.catalogue import BY_CODE, RULES
    from importer.rendering.explain import explanation, rule_object, rule_table

    rules = list(RULES)
    if options.code is not None:
        code = options.code.upper()
        found = BY_CODE.get(code) or next((rule for rule in RULES if rule.slug == options.code.lower()), None)
        if found is None:
            raise UsageError(
                said("there is no rule {code!r}", code=options.code),
                hint="dli-hosts explain lists all of them",
            )
        rules = [found]
    if options.output_format == "json":
        body = [rule_object(rule) for rule in rules]
        write_results([json_text(body[0] if options.code is not None else body, 2), "\n"], None)
    elif options.code is not None or options.all:
        write_results(["\n".join(explanation(rule, spoken()) for rule in rules)], None)
    else:
        write_results((f"{line}\n" for line in rule_table(rules)), None)
    return CLEAN
