"""One list of records through every door there is: files of all kinds, a pipe, DataFrames of all kinds."""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import zstandard
from workbooks import workbook

from importer import check, check_frame, read
from importer.checking.checked import Checked

Record = tuple[str, str]
"""Address and name."""
NOTE = "x"
"""What stands in the third column of every row, so that none is blank."""

_TEXT = pd.ArrowDtype(pa.string())
FRAMES: dict[str, Callable[[Sequence[str]], Any]] = {
    "object": lambda texts: pd.Series(texts, dtype="object"),
    "str": lambda texts: pd.Series(texts, dtype="str"),
    "string[python]": lambda texts: pd.Series(texts, dtype="string[python]"),
    "string[pyarrow]": lambda texts: pd.Series(texts, dtype="string[pyarrow]"),
    "category": lambda texts: pd.Series(texts, dtype="str").astype("category"),
    "arrow": lambda texts: pd.Series(texts, dtype=_TEXT),
    "arrow-large": lambda texts: pd.Series(texts, dtype=pd.ArrowDtype(pa.large_string())),
    "arrow-view": lambda texts: pd.Series(texts, dtype=_TEXT).astype(pd.ArrowDtype(pa.string_view())),
    "arrow-dictionary": lambda texts: pd.Series(
        pd.arrays.ArrowExtensionArray(pa.array(texts, pa.string()).dictionary_encode())
    ),
    "arrow-chunks": lambda texts: pd.Series(
        pd.arrays.ArrowExtensionArray(
            pa.chunked_array([texts[: len(texts) // 3], texts[len(texts) // 3 :], []], pa.string())
        )
    ),
}
"""A column of a DataFrame by each way that pandas has to hold text."""


def frame(records: Sequence[Record], kind: str) -> pd.DataFrame:
    """The records as a DataFrame."""
    ips, names = [ip for ip, _ in records], [name for _, name in records]
    make = FRAMES[kind]
    return pd.DataFrame({"note": [NOTE] * len(records), "ip": make(ips), "name": make(names)})


def hosts_text(records: Sequence[Record]) -> bytes:
    """The records in hosts syntax."""
    return "".join(f"{ip} {name}\n" for ip, name in records).encode()


def csv_text(records: Sequence[Record]) -> bytes:
    """The records as delimited text, quoted where that is needed."""
    file = io.StringIO(newline="")
    odd = any("\r" in text for record in records for text in record)
    writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL if odd else csv.QUOTE_MINIMAL)
    writer.writerow(["note", "ip", "name"])
    writer.writerows((NOTE, ip, name) for ip, name in records)
    return file.getvalue().encode()


def table(records: Sequence[Record]) -> pa.Table:
    """The records as an Arrow table."""
    ips, names = [ip for ip, _ in records], [name for _, name in records]
    return pa.table(
        {"note": [NOTE] * len(ips), "ip": pa.array(ips, pa.string()), "name": pa.array(names, "str")}
    )


def _parquet(records: Sequence[Record]) -> bytes:
    file = io.BytesIO()
    pyarrow.parquet.write_table(table(records), file, row_group_size=max(1, len(records) // 3))
    return file.getvalue()


def _feather(records: Sequence[Record]) -> bytes:
    file = io.BytesIO()
    pyarrow.feather.write_feather(table(records), file)
    return file.getvalue()


def _excel(records: Sequence[Record], *, share: bool) -> bytes:
    rows = [["note", "ip", "name"], *([NOTE, ip, name] for ip, name in records)]
    return workbook({"Hosts": rows}, share=share)


WRITERS: dict[str, Callable[[Sequence[Record]], bytes]] = {
    "csv": csv_text,
    "gzip": lambda records: gzip.compress(csv_text(records)),
    "zst": lambda records: zstandard.ZstdCompressor().compress(csv_text(records)),
    "excel": lambda records: _excel(records, share=False),
    "excel-shared": lambda records: _excel(records, share=True),
    "parquet": _parquet,
    "feather": _feather,
}
"""A file of each kind that can hold any text."""


@contextmanager
def as_standard_input(path: Path) -> Iterator[None]:
    """Let a file be this process's standard input."""
    before = sys.stdin
    with open(path, encoding="latin-1") as file:
        sys.stdin = file
        try:
            yield
        finally:
            sys.stdin = before


def through_all(
    records: Sequence[Record], folder: Path, options: dict[str, Any], *, plain: bool, workbooks: bool = True
) -> Iterator[tuple[str, Checked]]:
    """What is said of the records at each door. `plain`: hosts syntax can hold them too."""
    path = folder / "list"
    if plain:
        path.write_bytes(hosts_text(records))
        yield "hosts", check(read(str(path), syntax="hosts"), **options)
    for name, write in WRITERS.items():
        if name.startswith("excel") and not workbooks:
            continue
        path.write_bytes(write(records))
        yield name, check(read(str(path)), **options)
        if name in ("csv", "parquet"):
            with as_standard_input(path):
                yield f"{name} from standard input", check(read("-"), **options)
    for kind in FRAMES:
        yield f"frame of {kind}", check_frame(frame(records, kind), **options)


def said(checked: Checked) -> dict[str, Any]:
    """What must be equal at all doors: all but lines, blanks and what is about the rows of a text."""
    report = checked.report
    totals = report.totals
    return {
        "totals": (totals.records, totals.ready, totals.merged, totals.skipped, totals.refused),
        "counts": {code: n for code, n in report.counts.items() if code[0] != "R"},
        "findings": [(f.code, f.field, f.value) for f in report.findings if f.code[0] != "R"],
        "hosts": list(checked.pairs()),
    }
