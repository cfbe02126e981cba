"""Question: how fast is the script one would write with pandas?

    python peers/pandas_.py FILE OUT [--hosts]       (OUT is `-`: write nothing)

The whole file in memory, as pandas scripts do it. The first spelling is kept.
"""

import json
import sys
from pathlib import Path

import pandas as pd

NAME = r"[A-Za-z][A-Za-z0-9_.-]{0,127}"
OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
IPV4 = rf"(?:{OCTET}\.){{3}}{OCTET}"


def read_csv(path: str) -> pd.DataFrame:
    """The two columns, as text, empty cells empty."""
    return pd.read_csv(path, usecols=["ip", "name"], dtype=str, keep_default_na=False)


def read_hosts(path: str) -> pd.DataFrame:
    """One row per pair; an address without a name has an empty one."""
    lines = pd.Series(Path(path).read_text(encoding="utf-8").split("\n"))
    tokens = lines.str.partition("#")[0].str.split()
    tokens = tokens[tokens.str.len() > 0]
    pairs = pd.DataFrame({"ip": tokens.str[0], "name": tokens.str[1:]}).explode("name", ignore_index=True)
    return pairs.fillna("")


def main(path: str, out: str, hosts: bool) -> None:
    """Validate, deduplicate, write, summarise."""
    frame = read_hosts(path) if hosts else read_csv(path)
    good = frame[frame["name"].str.fullmatch(NAME) & frame["ip"].str.fullmatch(IPV4)]
    repeated = good.assign(key=good["name"].str.lower()).duplicated(["key", "ip"])
    kept = good[~repeated]
    if out != "-":
        kept.to_csv(out, columns=["ip", "name"], index=False)
    bad, dup = len(frame) - len(good), len(good) - len(kept)
    print(json.dumps({"records": len(frame), "kept": len(kept), "bad": bad, "dup": dup}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], "--hosts" in sys.argv)
