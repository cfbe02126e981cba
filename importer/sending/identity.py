"""When two connections are the same: what can be read back and must be equal before one is adopted.

The service's show and list calls give back neither tags nor the route table, so these are not compared.
Hosts are compared as sets, names with their letter case, since neither the order nor the case in which
the service gives them back is documented.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from importer.sending.outcome import is_id


@dataclass(frozen=True)
class Identity:
    """What makes a connection the one that was asked for."""

    vpc: str
    subnet: str
    pools: tuple[str, ...]
    """Sorted, without repeats."""
    queues: tuple[str, ...]
    hosts: str
    """SHA-256 of the sorted pairs, see `hosts_digest`."""
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
        asked for, further pools are no difference, and neither are queues that are not listed.
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
            found.append(f"hosts ({self.count:,} asked for, {other.count:,} there)")
        return tuple(found)


@dataclass(frozen=True)
class Existing:
    """A live connection as the service tells it."""

    id: str
    name: str
    identity: Identity
    peerings: tuple[Peering, ...]


@dataclass(frozen=True)
class Peering:
    """How far the connection to one pool or queue has come."""

    name: str
    status: str
    """CREATING, ACTIVE, FAILED, or whatever the service says, in capitals."""
    error: str


class NotUnderstood(ValueError):
    """An answer does not have the documented form."""


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
        if str(item.get("status", "")).upper() == "DELETED":
            return None
        name, key = item["name"], item.get("id") or item.get("connection_id")
        if not (isinstance(name, str) and is_id(key)):
            raise NotUnderstood("a connection without name or id")
        pools = item.get("elastic_resource_pools") or []
        queues = item.get("available_queue_info") or []
        identity = _identity(
            item.get("dest_vpc_id"),
            item.get("dest_network_id"),
            [pool["name"] for pool in pools],
            [queue["name"] for queue in queues],
            item.get("hosts") or (),
        )
        return Existing(key, name, identity, tuple(_peering(part) for part in (*pools, *queues)))
    except (AttributeError, KeyError, TypeError) as error:
        raise NotUnderstood(f"a connection that is not as documented ({type(error).__name__})") from None


def _peering(part: Mapping[str, Any]) -> Peering:
    return Peering(
        str(part["name"]), str(part.get("status") or "").upper(), str(part.get("err_msg") or "")[:500]
    )


def _identity(
    vpc: Any, subnet: Any, pools: Iterable[str], queues: Iterable[str], hosts: Iterable[Mapping[str, Any]]
) -> Identity:
    count, digest = hosts_digest((host["ip"], host["name"]) for host in hosts)
    return Identity(
        str(vpc), str(subnet), tuple(sorted(set(pools))), tuple(sorted(set(queues))), digest, count
    )


def hosts_digest(pairs: Iterable[tuple[str, str]]) -> tuple[int, str]:
    """Number of distinct (ip, name) pairs, and SHA-256 over them: sorted lines `ip name`, LF behind each."""
    lines = sorted({f"{ip} {name}\n" for ip, name in pairs})
    return len(lines), hashlib.sha256("".join(lines).encode("utf-8", "backslashreplace")).hexdigest()
