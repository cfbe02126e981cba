"""Question: how fast is the plain script one would write with the standard library alone?

    python peers/stdlib.py FILE OUT [--hosts]        (OUT is `-`: write nothing)

Names fold letter case with `str.lower`; a valid name is ASCII, so this is exact. The first spelling is kept.
A name at two addresses stays twice, here and in every peer.
"""

import csv
import json
import re
import sys
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,127}")


def csv_records(path: str) -> Iterator[tuple[str, str]]:
    """Address and name of each row."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        ip, name = header.index("ip"), header.index("name")
        for row in rows:
            yield row[ip], row[name]


def hosts_records(path: str) -> Iterator[tuple[str, str]]:
    """Address and name of each pair; an address without a name has an empty one."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            tokens = line.partition("#")[0].split()
            if tokens:
                for name in tokens[1:] or [""]:
                    yield tokens[0], name


def is_ipv4(text: str) -> bool:
    """Four decimal numbers 0-255 without leading zeros."""
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def main(path: str, out: str, hosts: bool) -> None:
    """Validate, deduplicate, write, summarise."""
    kept: dict[tuple[str, str], str] = {}
    bad = dup = 0
    for ip, name in hosts_records(path) if hosts else csv_records(path):
        if not NAME.fullmatch(name) or not is_ipv4(ip):
            bad += 1
            continue
        key = (name.lower(), ip)
        if key in kept:
            dup += 1
        else:
            kept[key] = name
    if out != "-":
        with open(out, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("ip", "name"))
            writer.writerows((ip, name) for (_, ip), name in kept.items())
    print(json.dumps({"records": len(kept) + bad + dup, "kept": len(kept), "bad": bad, "dup": dup}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], "--hosts" in sys.argv)
