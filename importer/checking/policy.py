"""What the user decided about the rules, worked out once before the first record.

Imports nothing heavy, so that a mistake in an option is told at once.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from importer.checking.catalogue import INDEX, RULES
from importer.checking.findings import Rule, Severity
from importer.checking.options import CONFLICT_CHOICES, NAMES_CHOICES, CheckOptions
from importer.errors import UsageError
from importer.language import near_miss, said

Network = tuple[int, int]
"""First address and mask of an IPv4 network."""


class Filter(NamedTuple):
    """One list of patterns of `--only` or `--exclude`."""

    networks: tuple[Network, ...]
    names: tuple[re.Pattern[str], ...]


class Policy(NamedTuple):
    """`CheckOptions`, understood."""

    options: CheckOptions
    severity: tuple[int, ...]
    """Final severity of each rule of the catalogue; 0 where it is hidden."""
    chosen: frozenset[int]
    """The rules whose severity somebody chose: what is known of other records does not change it."""
    cidr: tuple[Network, ...]
    only: Filter | None
    exclude: Filter | None

    @staticmethod
    def of(options: CheckOptions) -> Policy:
        """Raises UsageError for a code, network or choice that means nothing."""
        _choose("--names", options.names, NAMES_CHOICES)
        _choose("--on-conflict", options.on_conflict, CONFLICT_CHOICES)
        severity, chosen = _severities(options)
        return Policy(
            options,
            severity,
            chosen,
            tuple(_network("--cidr", text) for text in options.cidr),
            _filter("--only", options.only),
            _filter("--exclude", options.exclude),
        )

    def decides_one_by_one(self) -> bool:
        """Whether a record can be refused for the names that its address has already."""
        return self.is_error("D304") or self.is_error("D305")

    def is_told(self, code: str) -> bool:
        """Whether findings of this rule are told at all."""
        return bool(self.severity[INDEX[code]])

    def is_error(self, code: str) -> bool:
        """Whether a finding of this rule refuses its record."""
        return self.severity[INDEX[code]] == Severity.ERROR


def _severities(options: CheckOptions) -> tuple[tuple[int, ...], frozenset[int]]:
    """Final severity of each rule, and the rules whose severity somebody chose.

    A code or a slug goes before a prefix, and a longer prefix before a shorter one. A prefix leaves out the
    rules that can be neither lowered nor hidden.
    """
    final = [int(rule.severity) for rule in RULES]
    if options.on_conflict != "refuse":
        final[INDEX["D303"]] = Severity.WARNING
    chosen: dict[int, tuple[int, str]] = {}
    for option, selectors, severity in (
        ("--ignore", options.ignore, 0),
        ("--warn", options.warn, Severity.WARNING),
        ("--error", options.error, Severity.ERROR),
    ):
        for selector in selectors:
            rules, weight = _selected(option, selector)
            for number in rules:
                rule = RULES[number]
                if rule.fixed and severity != Severity.ERROR:
                    if weight < _EXACT:
                        continue
                    raise UsageError(
                        said(
                            "{option} {selector}: {code} {slug} can be neither lowered nor hidden",
                            option=option,
                            selector=selector,
                            code=rule.code,
                            slug=rule.slug,
                        ),
                        hint=said("dli-hosts explain {code} says why and what to do", code=rule.code),
                    )
                before, by = chosen.get(number, (0, option))
                if before == weight and by != option:
                    raise UsageError(
                        said(
                            "{code} is given to both {by} and {option}", code=rule.code, by=by, option=option
                        )
                    )
                if weight >= before:
                    chosen[number] = weight, option
                    final[number] = severity
    return tuple(final), frozenset(chosen)


_EXACT = 100
"""Weight of a code or a slug; that of a prefix is its length."""


def rules_of(option: str, selector: str) -> list[Rule]:
    """The rules that a code, a slug or a prefix of codes means. Raises UsageError."""
    return [RULES[number] for number in _selected(option, selector)[0]]


def _selected(option: str, selector: str) -> tuple[list[int], int]:
    """The rules that a code, a slug or a prefix of codes means, and its weight. Raises UsageError."""
    exact = [
        i for i, rule in enumerate(RULES) if selector.upper() == rule.code or selector.lower() == rule.slug
    ]
    if exact:
        return exact, _EXACT
    found = [i for i, rule in enumerate(RULES) if selector and rule.code.startswith(selector.upper())]
    if not found:
        known = [rule.code for rule in RULES] + [rule.slug for rule in RULES]
        raise UsageError(
            said(
                "{option} {selector}: there is no such rule{selector_2}",
                option=option,
                selector=selector,
                selector_2=near_miss(selector, known),
            ),
            hint="dli-hosts explain lists all of them",
        )
    return found, len(selector)


def _choose(option: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UsageError(
            said(
                "{option} {value!r} is none of {choices}",
                option=option,
                value=value,
                choices=", ".join(choices),
            )
        )


def _network(option: str, text: str) -> Network:
    import ipaddress

    try:
        network = ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        raise UsageError(
            said("{option} {text!r} is no IPv4 network", option=option, text=text),
            hint="write it like 10.0.0.0/8",
        ) from None
    return int(network.network_address), int(network.netmask)


def _filter(option: str, patterns: tuple[str, ...]) -> Filter | None:
    """Networks and globs apart; what no name can match is meant as a network."""
    if not patterns:
        return None
    import fnmatch

    networks, names = [], []
    for pattern in patterns:
        if re.fullmatch(r"[0-9.*?]+|.*[/:].*", pattern) and pattern.strip("*?."):
            networks.append(_network(option, pattern))
        else:
            names.append(re.compile(fnmatch.translate(pattern.lower())))
    return Filter(tuple(networks), tuple(names))
