"""Inventories of Ansible. Nothing of them is ever shown, as they hold passwords."""

from __future__ import annotations

import re

from importer.columns.forms import is_address_like
from importer.reading.foreign.lines import (
    Kind,
    Lines,
    Recipe,
    holds_address,
    host_line,
    line_by_line,
    text_of,
    tokens_of,
)

_INVENTORY_HINT = "say --from csv if it is a table, else write each address and its names on one line"
_ASSIGNMENT = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*=")
_GROUP = re.compile(rb"\[[^\]]*\]")
_ANSIBLE_HOST = b"ansible_host="


def _is_group(line: bytes) -> bool:
    """Whether a line is `[group]`, and not an IPv6 address in brackets."""
    return (
        line.startswith(b"[")
        and _GROUP.fullmatch(line) is not None
        and not is_address_like(text_of(line[1:-1]))
    )


def _has_assignment(tokens: list[bytes]) -> bool:
    """Whether a `key=value` stands behind the first token."""
    return any(_ASSIGNMENT.match(token) for token in tokens[1:])


def _is_inventory(file: Lines) -> bool:
    # a token that ends in a delimiter is a cell of a table, which may hold a key=value too
    return file.half(
        _has_assignment(tokens) and not tokens[0].endswith((b",", b";", b"|")) for tokens in file.tokens
    )


def _inventory_host(line: bytes) -> bytes | None:
    tokens = tokens_of(line)
    if not tokens or _is_group(line):
        return b""
    if len(tokens) == 1 and _ASSIGNMENT.match(tokens[0]) and not holds_address(line):
        return b""  # of a [group:vars]
    addresses = [token for token in tokens[1:] if token.startswith(_ANSIBLE_HOST)]
    return host_line(addresses[0][len(_ANSIBLE_HOST) :], tokens[0]) if len(addresses) == 1 else None


_FROM_INVENTORY = Recipe(
    r"sed -nE 's/(^|[[:blank:]])[#;].*//; "
    r"s/^[[:blank:]]*([^[:space:]]+).*[[:blank:]]ansible_host=([0-9.]+).*/\2 \1/p' FILE > NEW",
    line_by_line(_inventory_host),
    kept=lambda line: _inventory_host(line) or b"",
)


KINDS: tuple[Kind, ...] = (
    Kind(
        "looks like an Ansible inventory: it has [group] lines",
        _INVENTORY_HINT,
        lambda file: any(map(_is_group, file.lines)),
        (_FROM_INVENTORY,),
    ),
    Kind(
        "looks like an Ansible inventory: it has key=value words",
        _INVENTORY_HINT,
        _is_inventory,
        (_FROM_INVENTORY,),
    ),
)
"""Looked for before hosts syntax: the lines may begin with addresses."""
