"""Question: what does a host list of any size look like, with a known share of faults and repeats?

    python benchmarks/generate.py csv 20000 out.csv --seed 1 --faults 0.02 --duplicates 0.01

The same arguments always give the same bytes. Repeats copy an earlier good record: a third of them exactly,
a third in another letter case, a third at another address (a conflict). No generated name ends in a dot and
no good address is local or special, so that the tool and its peers mean the same by a good record; no cell
needs quoting, so that no reader is sent down its slow path by chance.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

CHUNK = 100_000
GOOD, FAULTY, EXACT, CASE, CONFLICT = range(5)
ROLES = ("master", "core", "ana", "task")
CLUSTERS = ("k7qz", "p2vd", "x9mt", "h4rb", "w8cj", "d3ns", "t6lf")

# (address, name) as people get them wrong.
FAULTS = (
    ("10.0.{n}.300", "{name}"),
    ("10.0.{n}", "{name}"),
    ("{ip}.", "{name}"),
    ("0{ip}", "{name}"),
    ("{ip}/24", "{name}"),
    ("{ip}:8020", "{name}"),
    ("1O.0.{n}.1", "{name}"),
    ("fd00::{n:x}", "{name}"),
    ("n/a", "{name}"),
    ("{ip}", ""),
    ("{ip}", "{n}{name}"),
    ("{ip}", "-{name}"),
    ("{ip}", "_{name}"),
    ("{ip}", "*.{name}"),
    ("{ip}", "{name}@prod"),
    ("{ip}", "hdfs://{name}"),
    ("{ip}", "\uff4e{name}"),
    ("{ip}", "{name}." + "x" * 120),
)
CSV_FAULTS = (*FAULTS, ("", "{name}"), ("{ip}", "{name} (old)"))  # impossible in hosts syntax

Ints = npt.NDArray[np.int64]


def kinds_and_sources(
    records: int, faults: float, duplicates: float, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """The kind of every record, and the position of the good record it copies (or its own)."""
    faulty, repeated = round(records * faults), round(records * duplicates)
    if faulty + repeated >= max(records, 1):
        raise ValueError("faults and duplicates leave no good record")
    kind = np.full(records, GOOD, np.int64)
    shuffled = (
        rng.permutation(max(records - 1, 0)) + 1
    )  # the first record stays good: there is something to copy
    kind[shuffled[:faulty]] = FAULTY
    kind[shuffled[faulty : faulty + repeated]] = EXACT + np.arange(repeated) % 3
    good = np.flatnonzero(kind == GOOD)
    repeats = np.flatnonzero(kind >= EXACT)
    source = np.arange(records)
    source[repeats] = good[(rng.random(len(repeats)) * np.searchsorted(good, repeats)).astype(np.int64)]
    return kind, source


def chunks(syntax: str, records: int, seed: int, faults: float, duplicates: float) -> Iterator[str]:
    """The text of the file, piece by piece. A record is a pure function of its position and the seed."""
    rng = np.random.default_rng(seed)
    salt = int(rng.integers(1 << 32))
    kind, source = kinds_and_sources(records, faults, duplicates, rng)
    roll = rng.integers(1 << 24, size=records)
    alias = np.zeros(records, np.int64)  # 1: the second name of the line before, which is its short form
    if syntax == "hosts":
        wanted = (rng.random(records) < 0.26) & (kind == GOOD)
        alias[1:] = wanted[1:] & ~wanted[:-1] & (kind[:-1] == GOOD)
    wrong = CSV_FAULTS if syntax == "csv" else FAULTS

    yield "ip,name\n" if syntax == "csv" else "# generated: not a real cluster"
    for low in range(0, records, CHUNK):
        here = slice(low, low + CHUNK)
        short = alias[source[here]]
        owner = source[here] - short
        mixed = (owner * 2_654_435_761 + salt) & 0xFFFF_FFFF  # odd factor: a bijection, so names are unique
        placed = (owner * 10_368_889 + salt) & 0xFF_FFFF
        ips = [f"10.{p >> 16}.{p >> 8 & 255}.{p & 255}" for p in placed.tolist()]
        names = [
            f"node-{ROLES[m & 3]}{m:08x}" if s else f"node-{ROLES[m & 3]}{m:08x}.mrs-{CLUSTERS[m % 7]}.com"
            for m, s in zip(mixed.tolist(), short.tolist(), strict=True)
        ]
        for i in np.flatnonzero(kind[here] != GOOD).tolist():
            what, n = kind[low + i], int(roll[low + i])
            if what == FAULTY:
                ip, name = wrong[n % len(wrong)]
                ips[i], names[i] = ip.format(ip=ips[i], n=n & 255), name.format(name=names[i], n=n & 255)
            elif what == CASE:
                names[i] = names[i].upper()
            elif what == CONFLICT:
                ips[i] = f"172.{16 + (n >> 16 & 15)}.{n >> 8 & 255}.{n & 255}"
        if syntax == "csv":
            yield "".join([f"{ip},{name}\n" for ip, name in zip(ips, names, strict=True)])
        else:
            yield "".join(
                [
                    f" {name}" if joined else f"{'  # rack' if i % 50 == 49 else ''}\n{ip} {name}"
                    for i, (ip, name, joined) in enumerate(zip(ips, names, alias[here].tolist(), strict=True))
                ]
            )
    if syntax == "hosts":
        yield "\n"


def generate(
    path: str | Path, syntax: str, records: int, seed: int, faults: float, duplicates: float
) -> None:
    """Write a host list of `records` records in `syntax` (`csv` or `hosts`) to `path`."""
    if syntax not in ("csv", "hosts"):
        raise ValueError(f"syntax is csv or hosts, not {syntax!r}")
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(chunks(syntax, records, seed, faults, duplicates))


def main() -> None:
    """Read the command line and write the file."""
    parser = argparse.ArgumentParser(
        description="Write a host list with a known share of faults and repeats."
    )
    parser.add_argument("syntax", choices=("csv", "hosts"))
    parser.add_argument("records", type=int)
    parser.add_argument("path", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=float, default=0.02, metavar="SHARE")
    parser.add_argument("--duplicates", type=float, default=0.01, metavar="SHARE")
    wanted = parser.parse_args()
    generate(wanted.path, wanted.syntax, wanted.records, wanted.seed, wanted.faults, wanted.duplicates)


if __name__ == "__main__":
    main()
