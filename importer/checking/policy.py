"""What the user decided about the rules, worked out once before the first record."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from importer import limits
from importer.checking.catalogue import INDEX, RULES
from importer.columns.arrays import BoolArray, HalfArray, IntArray
from importer.columns.findings import Severity
from importer.errors import UsageError

CONFLICT_CHOICES = ("refuse", "first", "last", "keep")
NAMES_CHOICES = ("all", "first")


class CheckOptions(NamedTuple):
    """How to judge; the command line has an option of the same name for each."""

    names: str = "all"
    """`first`: take only the first name of a hosts line."""
    cidr: tuple[str, ...] = ()
    """Networks of which one must hold each address."""
    only: tuple[str, ...] = ()
    """CIDRs or name globs; records that match none are left out."""
    exclude: tuple[str, ...] = ()
    """CIDRs or name globs; records that match one are left out."""
    keep_local: bool = False
    keep_trailing_dot: bool = False
    on_conflict: str = "refuse"
    """What becomes of a name at a second address: refuse, first, last or keep."""
    split: bool = False
    """The list is for several connections, so that no limit binds it."""
    ignore: tuple[str, ...] = ()
    """Codes of findings to hide."""
    error: tuple[str, ...] = ()
    """Codes to raise to error."""
    warn: tuple[str, ...] = ()
    """Codes to lower, or raise, to warning."""
    max_findings: int = 10_000
    """Findings kept for each code, 0 for all; the counts are exact all the same."""
    max_infos: int | None = None
    """The same for codes at info; None: as `max_findings`."""
    excerpts: bool = False
    """Keep the physical line of each finding that is kept."""
    max_hosts: int = limits.MAX_HOSTS
    """Records that one connection holds."""
    max_records: int = limits.MAX_RECORDS


Network = tuple[int, int]
"""First address and mask of an IPv4 network."""


class Filter(NamedTuple):
    """One list of patterns of `--only` or `--exclude`."""

    networks: tuple[Network, ...]
    names: tuple[re.Pattern[str], ...]


class Policy(NamedTuple):
    """`CheckOptions`, understood."""

    options: CheckOptions
    severity: IntArray
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
        return bool(self.severity[INDEX[code]] == Severity.ERROR)


def in_networks(address: HalfArray, networks: tuple[Network, ...]) -> BoolArray:
    """(n,) whether one of the networks holds each address."""
    found = np.zeros(len(address), np.bool_)
    for first, mask in networks:
        found |= (address & np.uint32(mask)) == np.uint32(first)
    return found


def _severities(options: CheckOptions) -> IntArray:
    final = np.array([rule.severity for rule in RULES], np.int64)
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
    return final


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
        if re.fullmatch(r"[0-9.]+|.*[/:].*", pattern):
            networks.append(_network(option, pattern))
        else:
            names.append(re.compile(fnmatch.translate(pattern.lower())))
    return Filter(tuple(networks), tuple(names))
