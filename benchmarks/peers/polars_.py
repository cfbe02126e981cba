"""Question: how fast is the script one would write with Polars?

    python peers/polars_.py FILE OUT [--hosts]       (OUT is `-`: write nothing)

Lazy scan, streaming engine. Inherent differences: the output has no particular order, and of a name's
spellings any one is kept (keeping order would hold back the streaming engine). The counts are those of the
other peers.
"""

import json
import sys

import polars as pl

NAME = r"^[A-Za-z][A-Za-z0-9_.-]{0,127}$"
OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
IPV4 = rf"^(?:{OCTET}\.){{3}}{OCTET}$"


def scan_csv(path: str) -> pl.LazyFrame:
    """The two columns, as text; an empty cell is null."""
    return pl.scan_csv(path, schema={"ip": pl.String, "name": pl.String})


def scan_hosts(path: str) -> pl.LazyFrame:
    """One row per pair; an address alone has null. A separator no text has makes each line one cell."""
    lines = pl.scan_csv(path, has_header=False, separator="\x1f", quote_char=None, schema={"line": pl.String})
    tokens = lines.select(
        pl.col("line").str.replace("#.*", "").str.extract_all(r"[^ \t\r\v\f]+").alias("tokens")
    )
    pairs = tokens.filter(pl.col("tokens").list.len() > 0).select(
        ip=pl.col("tokens").list.first(), name=pl.col("tokens").list.slice(1)
    )
    return pairs.explode("name", empty_as_null=True)


def main(path: str, out: str, hosts: bool) -> None:
    """Validate, deduplicate, write, summarise."""
    records = scan_hosts(path) if hosts else scan_csv(path)
    good = (pl.col("name").str.contains(NAME) & pl.col("ip").str.contains(IPV4)).fill_null(False)
    judged = records.with_columns(good=good, key=pl.col("name").str.to_lowercase())
    counted = judged.select(pl.len(), pl.col("good").sum())
    unique = judged.filter("good").unique(["key", "ip"], keep="any").select("ip", "name")
    # Collected together, both share one scan of the file.
    counts, kept = pl.collect_all([counted, unique], engine="streaming")
    if out != "-":
        kept.write_csv(out)
    total, valid = counts.row(0)
    print(json.dumps({"records": total, "kept": len(kept), "bad": total - valid, "dup": valid - len(kept)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], "--hosts" in sys.argv)
