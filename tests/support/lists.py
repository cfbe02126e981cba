"""Lists in which everything happens, as DataFrames, of any length and the same each time."""

from __future__ import annotations

from random import Random

import pandas as pd

_ODD_ADDRESSES = (
    "",
    "10.0.0.300",
    "010.1.1.1",
    "127.0.1.1",
    "127.0.0.1",
    "::1",
    "fd00::7",
    "10.0.0.9/24",
    "x",
)
_ODD_NAMES = ("", "localhost", "9to5", "-a", "a..b", "caf\u00e9", "a b", "x" * 130, "host:80", ".")


def mixed(records: int, seed: int = 1) -> pd.DataFrame:
    """Good records, one in five a fault, and many that repeat or contradict others."""
    chance = Random(seed)
    rows = []
    for _ in range(records):
        number = chance.randrange(records)
        name = f"Node_{number}.example" if chance.random() < 0.1 else f"node-{number}.example"
        name = chance.choice([name, name, name, name.upper(), name + ".", f" {name}\t"])
        address = f"10.{number >> 14 & 255}.{number >> 6 & 255}.{number * 4 & 255}"
        if chance.random() < 0.05:
            address = f"192.168.{chance.randrange(4)}.{chance.randrange(256)}"
        if chance.random() < 0.1:
            address = chance.choice(_ODD_ADDRESSES)
        if chance.random() < 0.1:
            name = chance.choice(_ODD_NAMES)
        rows.append((name, address, number))
    return pd.DataFrame(rows, columns=["host name", "ip", "rack"])


OPTIONS = [
    {},
    {"on_conflict": "last", "max_hosts": 1000, "max_findings": 7, "cidr": "10.0.0.0/8"},
    {
        "on_conflict": "keep",
        "keep_trailing_dot": True,
        "only": ("10.0.0.0/9", "node*"),
        "exclude": "*-7*",
        "error": ("N112", "D302"),
        "ignore": "D304",
        "split": True,
        "max_findings": 0,
    },
]
"""Options that between them touch every rule about records."""
