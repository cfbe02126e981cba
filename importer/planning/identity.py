"""When two connections are the same: what can be read back and must be equal before one is adopted.

The service's show and list calls give back neither tags nor the route table, so these are not compared.
Hosts are compared as sets, names with their letter case, since neither the order nor the case in which
the service gives them back is documented.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from importer.language import said
from importer.planning.host_answers import HostsThere
from importer.shown import visible


@dataclass(frozen=True)
class Identity:
    """What makes a connection the one that was asked for."""

    vpc: str
    subnet: str
    pools: tuple[str, ...]
    """Sorted, without repeats."""
    queues: tuple[str, ...]
    hosts: str
    """SHA-256 of the sorted hosts, see `hosts_digest`."""
    count: int
    """Distinct pairs of name and address."""

    def as_record(self) -> dict[str, Any]:
        """For the journal."""
        return asdict(self)

    @staticmethod
    def of_record(data: Mapping[str, Any]) -> Identity:
        """From the journal."""
        return Identity(
            data["vpc"],
            data["subnet"],
            tuple(data["pools"]),
            tuple(data["queues"]),
            data["hosts"],
            data["count"],
        )

    def differences(self, other: Identity) -> tuple[str, ...]:
        """What differs in an existing connection, in words; empty if it is the same.

        A queue that lives in a pool binds that pool, and is then not listed itself. So where queues were
        asked for, further pools are not a difference, and queues that are not listed are not either.
        """
        found = []
        if self.vpc != other.vpc:
            found.append("VPC")
        if self.subnet != other.subnet:
            found.append("subnet")
        wanted, there = set(self.pools), set(other.pools)
        if not (wanted <= there if self.queues else wanted == there):
            found.append("pools")
        if not set(other.queues) <= set(self.queues):
            found.append("queues")
        if self.hosts != other.hosts:
            found.append(
                said("hosts ({count:,} asked for, {count_2:,} there)", count=self.count, count_2=other.count)
            )
        return tuple(found)


def is_identity(data: Any) -> bool:
    """Whether `Identity.of_record` can read this."""
    return (
        isinstance(data, dict)
        and all(isinstance(data.get(key), str) for key in ("vpc", "subnet", "hosts"))
        and isinstance(data.get("count"), int)
        and all(
            isinstance(names := data.get(key), list) and all(isinstance(name, str) for name in names)
            for key in ("pools", "queues")
        )
    )


@dataclass(frozen=True)
class Existing:
    """A live connection as the service tells it."""

    id: str
    name: str
    identity: Identity
    peerings: tuple[Peering, ...]
    given: HostsThere | Sequence[Mapping[str, Any]] = field(repr=False)
    """Its hosts as they were in the answer."""
    status: str = "ACTIVE"
    """Of the connection itself, in capitals; cut, for people."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """As `host_lines` gives them."""
        return host_lines(self.given.mappings() if isinstance(self.given, HostsThere) else self.given)

    @property
    def failed(self) -> str:
        """The peerings that FAILED, and why; empty if none did."""
        return _some(
            said("{name} FAILED: {error}", name=one.name, error=one.error or "no reason given")
            for one in self.peerings
            if one.status == "FAILED"
        )

    @property
    def pending(self) -> str:
        """The peerings that are neither ACTIVE nor FAILED yet, and the connection itself where it is not
        ACTIVE; empty if there is none."""
        itself = (
            [said("the connection is {status}", status=visible(self.status))]
            if self.status != "ACTIVE"
            else []
        )
        peerings = [
            said("{name} is still {status}", name=one.name, status=one.status or "without a status")
            for one in self.peerings
            if one.status not in ("ACTIVE", "FAILED")
        ]
        return _some(itself + peerings)


@dataclass(frozen=True)
class Peering:
    """How far the connection to one pool or queue has come; the texts are cut, for people."""

    name: str
    status: str
    """CREATING, ACTIVE, FAILED, or whatever the service says, in capitals."""
    error: str


_MAX_ID = 64
"""Characters of an id; documented are 36."""


class NotUnderstood(ValueError):
    """An answer does not have the documented form."""


def is_id(value: Any) -> bool:
    """Whether this can be the id of a connection and stand in a URL; documented is a UUID."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= _MAX_ID
        and value.isascii()
        and value.replace("-", "").replace("_", "").isalnum()
    )


def identity_of_body(body: Mapping[str, Any]) -> Identity:
    """What a request body asks for."""
    return _identity(
        body["dest_vpc_id"],
        body["dest_network_id"],
        body.get("elastic_resource_pools") or (),
        body.get("queues") or (),
        body.get("hosts") or (),
    )


def existing_of(item: Any) -> Existing | None:
    """A connection of a list or show answer; None if it is deleted. Raises NotUnderstood."""
    try:
        status = str(item.get("status") or "ACTIVE").strip().upper()
        if status == "DELETED":
            return None
        name, key = item["name"], item.get("id") or item.get("connection_id")
        if not (isinstance(name, str) and is_id(key)):
            raise NotUnderstood("a connection without name or id")
        pools = item.get("elastic_resource_pools") or []
        queues = item.get("available_queue_info") or []
        hosts = item.get("hosts") or ()
        identity = _identity(
            item.get("dest_vpc_id"),
            item.get("dest_network_id"),
            [pool["name"] for pool in pools],
            [queue["name"] for queue in queues],
            hosts,
        )
        peerings = tuple(_peering(part) for part in (*pools, *queues))
        return Existing(key, name, identity, peerings, hosts, status[:_WIDEST])
    except (AttributeError, KeyError, TypeError) as error:
        raise NotUnderstood(
            said("a connection that is not as documented ({name})", name=type(error).__name__)
        ) from None


def _peering(part: Mapping[str, Any]) -> Peering:
    name, status, error = (str(part.get(key) or "") for key in ("name", "status", "err_msg"))
    return Peering(name[:_WIDEST], status[:_WIDEST].upper(), error[:500])


def _identity(
    vpc: Any,
    subnet: Any,
    pools: Iterable[str],
    queues: Iterable[str],
    hosts: HostsThere | Iterable[Mapping[str, Any]],
) -> Identity:
    if isinstance(hosts, HostsThere):
        digest, count = hosts.digest, hosts.number
    else:
        lines = host_lines(hosts)
        digest, count = hosts_digest(lines), len(lines)
    return Identity(
        str(vpc),
        str(subnet),
        tuple(sorted(set(pools))),
        tuple(sorted(set(queues))),
        digest,
        count,
    )


def host_lines(hosts: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The distinct hosts as `ip name`, sorted."""
    return tuple(sorted({f"{host['ip']} {host['name']}" for host in hosts}))


def hosts_digest(lines: Iterable[str]) -> str:
    """SHA-256 over the lines of `host_lines`, LF behind each."""
    text = "".join([f"{line}\n" for line in lines])
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def hosts_apart(wanted: Iterable[str], there: Iterable[str]) -> str:
    """The first hosts that are in one of two `host_lines` alone, for a person; empty if there is none."""
    asked_for, found = frozenset(wanted), frozenset(there)
    parts = (("missing there", asked_for - found), ("extra there", found - asked_for))
    return "; ".join(f"{title}: {_first(lines)}" for title, lines in parts if lines)


def _first(lines: Iterable[str]) -> str:
    return _some((_cut(line) for line in sorted(lines)), ", ")


_MOST, _WIDEST = 3, 80
"""Hosts or peerings that are named, and characters of each."""


def _some(texts: Iterable[str], between: str = "; ") -> str:
    every = list(texts)
    more = said(" and {number:,} more", number=len(every) - _MOST) if len(every) > _MOST else ""
    return between.join(every[:_MOST]) + more


def _cut(line: str) -> str:
    return visible(line[:_WIDEST]) + ("..." if len(line) > _WIDEST else "")
