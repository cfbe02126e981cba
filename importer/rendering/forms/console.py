"""Hosts as the console's dialog takes them: one `IP name` a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def document(bodies: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The hosts of each body."""
    for body in bodies:
        for host in body["hosts"]:
            yield f"{host['ip']} {host['name']}\n"
