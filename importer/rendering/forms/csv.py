"""Hosts as CSV, with a header. Nothing needs quoting: neither names nor addresses hold a comma or a quote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.columns.joining import joined

if TYPE_CHECKING:
    from importer.checking.hosts import HostBatch, Kept
    from importer.columns.arrays import ByteArray

HEAD = b"ip,name\n"


def lines(hosts: HostBatch | Kept) -> ByteArray:
    """One host a line: `IP,name`."""
    return joined(hosts.ip, hosts.name, ord(","))
