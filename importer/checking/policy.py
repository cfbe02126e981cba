"""What the user decided about the rules, worked out once before the first record.

Imports nothing heavy, so that a mistake in an option is told at once.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from importer.checking.catalogue import INDEX, RULES
from importer.checking.findings import Severity
from importer.checking.options import CONFLICT_CHOICES, NAMES_CHOICES, CheckOptions
from importer.errors import UsageError

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
    cidr: tuple[Network, ...]
    only: Filter | None
    exclude: Filter | None

    @staticmethod
    def of(options: CheckOptions) -> Policy:
        """Raises UsageError for a code, network or choice that means nothing."""
        _choose("--names", options.names, NAMES_CHOICES)
        _choose("--on-conflict", options.on_conflict, CONFLICT_CHOICES)
        return Policy(
            options,
            _severities(options),
            tuple(_network("--cidr", text) for text in options.cidr),
            _filter("--only", options.only),
            _filter("--exclude", options.exclude),
        )

    def is_error(self, code: str) -> bool:
        """Whether a finding of this rule refuses its record."""
        return self.severity[INDEX[code]] == Severity.ERROR


def _severities(options: CheckOptions) -> tuple[int, ...]:
    final = [int(rule.severity) for rule in RULES]
    if options.on_conflict != "refuse":
        final[INDEX["D303"]] = Severity.WARNING
    chosen: dict[str, str] = {}
    for option, codes, severity in (
        ("--ignore", options.ignore, 0),
        ("--warn", options.warn, Severity.WARNING),
        ("--error", options.error, Severity.ERROR),
    ):
        for code in map(str.upper, codes):
            if code not in INDEX:
                raise UsageError(
                    f"{option} {code}: there is no such rule", hint="dli-hosts explain lists all of them"
                )
            if chosen.setdefault(code, option) != option:
                raise UsageError(f"{code} is given to both {chosen[code]} and {option}")
            if RULES[INDEX[code]].fixed and severity != Severity.ERROR:
                raise UsageError(
                    f"{option} {code}: {RULES[INDEX[code]].slug} can be neither lowered nor hidden",
                    hint=f"dli-hosts explain {code} says why and what to do",
                )
            final[INDEX[code]] = severity
    return tuple(final)


def _choose(option: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UsageError(f"{option} {value!r} is none of {', '.join(choices)}")


def _network(option: str, text: str) -> Network:
    import ipaddress

    try:
        network = ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        raise UsageError(f"{option} {text!r} is no IPv4 network", hint="write it like 10.0.0.0/8") from None
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
