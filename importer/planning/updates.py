"""What an update of an existing connection is, and the guards that stand before it.

The service's one way to change hosts is a call that overwrites all of them, and it knows no versions. So an
update names the connection by its id, and the hosts that were there when it was planned: only these are
overwritten.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from importer.language import plural, said

if TYPE_CHECKING:
    from importer.planning.differences import HostsDiff
    from importer.planning.identity import Identity

REPLACE, MERGE, REMOVE = "replace", "merge", "remove"
MODES = (REPLACE, MERGE, REMOVE)
"""What a list is to a connection: all of its hosts; hosts to add or to move; hosts to take away."""
_FEW = 10
"""Below so many hosts a share of them says nothing."""


class Update(NamedTuple):
    """That a connection is to be updated; what it was when that was planned, once the service was asked."""

    mode: str = REPLACE
    id: str = ""
    """The only connection that is meant; empty if it is any of the name."""
    hosts: str = ""
    """`Identity.hosts` of what was there; empty as long as nobody has looked."""
    former: int = 0
    """How many hosts these were."""
    pools: bool = False
    """Whether its pools are to be those that are asked for, if any are."""

    @property
    def is_planned(self) -> bool:
        """Whether it is known what is there, so that it may be overwritten."""
        return bool(self.hosts)

    def as_record(self) -> dict[str, Any]:
        """For a plan file."""
        record = {"mode": self.mode, "id": self.id, "hosts_sha256": self.hosts, "hosts_count": self.former}
        return record | ({"pools": True} if self.pools else {})


def update_of_record(data: Any) -> Update | None:
    """What `as_record` has written of an update that is planned; None for anything else."""
    if not isinstance(data, dict):
        return None
    mode, key, hosts, count = (data.get(name) for name in ("mode", "id", "hosts_sha256", "hosts_count"))
    texts = isinstance(key, str) and isinstance(hosts, str) and key and hosts
    if not (texts and mode in MODES and type(count) is int and count >= 0):
        return None
    return Update(str(mode), str(key), str(hosts), count, data.get("pools") is True)


class PoolsDiff(NamedTuple):
    """What has to be done to the pools of a connection."""

    bind: tuple[str, ...] = ()
    unbind: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.bind or self.unbind)

    def __str__(self) -> str:
        told = (("binds ", self.bind), ("unbinds ", self.unbind))
        return ", ".join(word + ", ".join(names) for word, names in told if names)


def pools_apart(aim: Identity, there: Identity, update: Update | None) -> PoolsDiff:
    """What an update does to pools: nothing, unless that is asked for, and where no pool is."""
    if update is None or not (update.pools and aim.pools):
        return PoolsDiff()
    wanted, found = set(aim.pools), set(there.pools)
    return PoolsDiff(tuple(sorted(wanted - found)), tuple(sorted(found - wanted)))


class Allowed(NamedTuple):
    """How much an update may take away."""

    removal: float = 30.0
    """Percent of the hosts that are there, which may be removed or moved."""
    empty: bool = False
    """Whether no host need be left."""


DEFAULT = Allowed()


def guarded(there: int, wanted: int, diff: HostsDiff, allowed: Allowed) -> str:
    """Why an update is not to be made, with the figure and the option that allows it; empty if it may be."""
    if not wanted and there and not allowed.empty:
        return said(
            "all of its {hosts} would be removed; if that is meant, say --allow-empty",
            hosts=plural(there, "host"),
        )
    lost = len(diff.removed) + len(diff.changed)
    share = 100 * lost / there if there else 0.0
    if not wanted or there < _FEW or share <= allowed.removal:
        return ""
    return said(
        "{lost:,} of its {there:,} hosts would be removed or moved, which is {share:.0f} "
        "% (more than {removal:g} %); if that is meant, say --allow-removal {share_2}",
        lost=lost,
        there=there,
        share=share,
        removal=allowed.removal,
        share_2=math.ceil(share),
    )
