"""What differs between the hosts of a connection and those of a list, and what a list makes of them.

Hosts are given as lines `IP NAME`. Their order means nothing. Letter case does not tell names apart where it
is asked which host is meant, but a name that is spelled otherwise is a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from importer.language import said
from importer.planning.identity import Identity
from importer.planning.updates import MERGE, REMOVE


class Moved(NamedTuple):
    """A name whose address changes."""

    name: str
    former: str
    ip: str


class Respelled(NamedTuple):
    """A name that only changes the case of its letters."""

    ip: str
    former: str
    name: str


class HostsDiff(NamedTuple):
    """What becomes of hosts; each part is sorted."""

    added: tuple[str, ...] = ()
    """Lines `IP NAME`."""
    removed: tuple[str, ...] = ()
    changed: tuple[Moved, ...] = ()
    respelled: tuple[Respelled, ...] = ()

    def counts(self) -> str:
        """`+3 -1 ~2`; names that are only respelled are told where there are any."""
        told = f"+{len(self.added):,} -{len(self.removed):,} ~{len(self.changed):,}"
        return f"{told} ={len(self.respelled):,}" if self.respelled else told

    def plus(self, other: HostsDiff) -> HostsDiff:
        """Both together, for their counts."""
        return HostsDiff(*(one + two for one, two in zip(self, other, strict=True)))  # type: ignore[arg-type]

    def as_record(self) -> dict[str, list[dict[str, str]]]:
        """All of it, for programs."""
        return {
            "added": [host_record(line) for line in self.added],
            "removed": [host_record(line) for line in self.removed],
            "changed": [{"name": one.name, "former_ip": one.former, "ip": one.ip} for one in self.changed],
            "respelled": [
                {"ip": one.ip, "former_name": one.former, "name": one.name} for one in self.respelled
            ],
        }


def host_record(line: str) -> dict[str, str]:
    """A line `IP NAME` as the object that the service knows."""
    ip, _, name = line.partition(" ")
    return {"ip": ip, "name": name}


def diff_hosts(there: Iterable[str], wanted: Iterable[str]) -> HostsDiff:
    """What has to be done to the hosts that are there, so that they are the wanted ones."""
    before, after = set(there), set(wanted)
    gone, new = sorted(before - after), sorted(after - before)
    respelled = [
        Respelled(old.partition(" ")[0], old.partition(" ")[2], line.partition(" ")[2])
        for old, line in _matched(gone, new, str.casefold)
    ]
    moved = [
        Moved(line.partition(" ")[2], old.partition(" ")[0], line.partition(" ")[0])
        for old, line in _matched(gone, new, _name)
    ]
    return HostsDiff(tuple(new), tuple(gone), tuple(sorted(moved)), tuple(sorted(respelled)))


def _name(line: str) -> str:
    return line.partition(" ")[2]


def _matched(gone: list[str], new: list[str], key: Any) -> list[tuple[str, str]]:
    """Pairs of an old line and a new one with the same key, which are taken out of both lists."""
    waiting: dict[str, list[str]] = {}
    for line in reversed(gone):
        waiting.setdefault(key(line), []).append(line)
    pairs = []
    for line in new:
        if olds := waiting.get(key(line)):
            pairs.append((olds.pop(), line))
    old_ones, new_ones = {old for old, _ in pairs}, {line for _, line in pairs}
    gone[:] = [line for line in gone if line not in old_ones]
    new[:] = [line for line in new if line not in new_ones]
    return pairs


def aimed(mode: str, there: Iterable[str], listed: Sequence[str]) -> Sequence[str]:
    """The hosts that a connection is to have, when a list is applied in a mode.

    `merge` keeps what is there, but a name of the list has the addresses of the list alone, so that a host
    that was moved is not there twice. `remove` takes away hosts of the same address and name.
    """
    if mode == MERGE:
        names = {_name(line).casefold() for line in listed}
        return [*(line for line in there if _name(line).casefold() not in names), *listed]
    if mode == REMOVE:
        taken = {line.casefold() for line in listed}
        return [line for line in there if line.casefold() not in taken]
    return listed


class Apart(NamedTuple):
    """A field of a connection that differs."""

    field: str
    wanted: str
    there: str

    def __str__(self) -> str:
        return said(
            "{field}: {wanted} asked for, {there} there",
            field=self.field,
            wanted=self.wanted or "none",
            there=self.there or "none",
        )


def fields_apart(aim: Identity, there: Identity) -> tuple[Apart, ...]:
    """The fields that differ in an existing connection, with both values; hosts are not among them."""
    values = {
        "VPC": Apart("vpc", aim.vpc, there.vpc),
        "subnet": Apart("subnet", aim.subnet, there.subnet),
        "pools": Apart("pools", ", ".join(aim.pools), ", ".join(there.pools)),
        "queues": Apart("queues", ", ".join(aim.queues), ", ".join(there.queues)),
    }
    return tuple(values[word] for word in aim.differences(there) if word in values)
