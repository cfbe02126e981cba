"""Question: how fast is the plain script that makes request bodies of many lists, with the standard library?

    python peers/bodies.py OUT FILE...

Reads each list, validates and deduplicates it as `stdlib.py` does, and writes one body a line. A name at two
addresses keeps the first one.
"""

import json
import sys

from stdlib import NAME, csv_records, is_ipv4


def body_of(path: str, name: str) -> bytes:
    """The body of a list, compact."""
    kept: dict[str, dict[str, str]] = {}
    for ip, host in csv_records(path):
        if NAME.fullmatch(host) and is_ipv4(ip):
            kept.setdefault(host.lower(), {"ip": ip, "name": host})
    body = {"name": name, "dest_vpc_id": "vpc-1", "dest_network_id": "net-1", "hosts": [*kept.values()]}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def main(out: str, paths: list[str]) -> None:
    """Write all bodies, and say how many bytes they have."""
    total = 0
    with open(out, "wb") as file:
        for number, path in enumerate(paths):
            total += file.write(body_of(path, f"c_{number}") + b"\n")
    print(json.dumps({"bodies": len(paths), "bytes": total}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
