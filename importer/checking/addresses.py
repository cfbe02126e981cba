"""Rules A2xx: every address of a batch gets at most one of them, or A211 and A213 together."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from importer.checking.catalogue import INDEX
from importer.checking.policy import Network, Policy
from importer.columns.arrays import BoolArray, HalfArray, IntArray
from importer.columns.forms import address_code
from importer.columns.ipv4 import UNSETTLED, kinds_of_faulty, parse_ipv4
from importer.columns.kernels import positions_of
from importer.columns.text import TextColumn

_SPECIAL = (
    (0x00000000, 8),  # "this network", RFC 1122
    (0xA9FE0000, 16),  # link-local, RFC 3927
    (0xE0000000, 4),  # multicast, RFC 5771
    (0xF0000000, 4),  # reserved, RFC 1112
    (0x64400000, 10),  # shared address space of carriers, RFC 6598
    (0xC0000200, 24),  # documentation, RFC 5737
    (0xC6336400, 24),
    (0xCB007100, 24),
    (0xC6120000, 15),  # benchmarking, RFC 2544
)
_NETWORKS = tuple((first, (0xFFFFFFFF << (32 - bits)) & 0xFFFFFFFF) for first, bits in _SPECIAL)
_UNUSUAL_FIRST = np.zeros(256, np.bool_)
_UNUSUAL_FIRST[[0, 100, 127, 169, 192, 198, 203, *range(224, 256)]] = True


class Addresses(NamedTuple):
    """m addresses, judged."""

    value: HalfArray
    """(m,) as a number; 0 where it is no IPv4 address."""
    valid: BoolArray
    """(m,) whether it is an IPv4 address."""
    code: IntArray
    """(m,) number of the rule A201 to A206, A210 or A211 it breaks, else -1."""
    outside: BoolArray | None
    """(m,) whether no `--cidr` holds it (A213); None where none was given."""
    local: BoolArray
    """(m,) whether it is an IPv4 address of A210, kept or not."""


def plain_addresses(value: HalfArray, valid: BoolArray, policy: Policy) -> BoolArray:
    """(m,) of which addresses no rule can have anything to say; perhaps not quite all of them."""
    plain: BoolArray = valid & ~_UNUSUAL_FIRST.take(value >> np.uint32(24))
    if policy.cidr:
        plain &= in_networks(value, policy.cidr)
    return plain


def judge_addresses(ip: TextColumn, policy: Policy) -> Addresses:
    """Judge every address, whether or not a record that has it is examined."""
    value, valid = parse_ipv4(ip.data, ip.start, ip.end)
    code = np.full(len(ip), -1, np.int64)
    local = np.zeros(len(ip), np.bool_)
    unusual = positions_of(_UNUSUAL_FIRST.take(value >> np.uint32(24)) & valid)
    if len(unusual):
        odd = value[unusual]
        own = (odd >> np.uint32(24) == 127) | (odd == 0) | (odd == np.uint32(0xFFFFFFFF))
        local[unusual[own]] = True
        if not policy.options.keep_local:
            code[unusual[own]] = INDEX["A210"]
        code[unusual[~own & in_networks(odd, _NETWORKS)]] = INDEX["A211"]
    faulty = positions_of(~valid)
    if len(faulty):
        code[faulty] = _faults(ip.where(faulty))
    outside = ~in_networks(value, policy.cidr) & valid if policy.cidr else None
    return Addresses(value, valid, code, outside, local)


_CODES = np.array([INDEX[code] for code in ("A201", "A204", "A205", "A206", "A202", "A202")])
"""By the kinds of `columns.ipv4`."""


def _faults(ip: TextColumn) -> IntArray:
    """(n,) number of the rule that each text breaks; none is an IPv4 address."""
    kinds = kinds_of_faulty(ip.data, ip.start, ip.end)
    codes = _CODES.take(kinds)
    for i in positions_of(kinds == UNSETTLED).tolist():
        text = ip.value(i)
        codes[i] = _code_of_short(text) if len(text) <= _SHORT else _code_of(text)
    return codes


_SHORT = 64
"""Bytes of a text that is worth remembering: lists repeat `::1` and `fe80::1%eth0`, not long nonsense."""


def _code_of(text: bytes) -> int:
    return INDEX[address_code(text.decode("utf-8", "replace"))]


_code_of_short = lru_cache(1024)(_code_of)


def in_networks(address: HalfArray, networks: tuple[Network, ...]) -> BoolArray:
    """(n,) whether one of the networks holds each address."""
    found = np.zeros(len(address), np.bool_)
    for first, mask in networks:
        found |= (address & np.uint32(mask)) == np.uint32(first)
    return found
