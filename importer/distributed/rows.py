"""The rows that travel between machines: records, findings and tallies in one table.

An engine moves tables, and a task gives one table back; so what a task has to say is told apart by
the column `rule` alone. Names and addresses are bytes of the input; as text they are read as Latin-1,
which is the same for ASCII, hence for every record that may be sent, and loses nothing of the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from importer.columns.arrays import IntArray
from importer.columns.text import TextColumn

if TYPE_CHECKING:
    import pandas as pd

RECORD, TALLY = -1, -2
"""Values of `rule` in rows that are no findings."""

RECORDS, READY, MERGED, SKIPPED, REFUSED, COUNTS = range(6)
"""Values of `key` in tallies: fates of records, and from `COUNTS` on the findings of each rule."""

SCHEMA = "seq long, rule int, key long, ip string, name string, detail long, first long"
"""The table in Spark's words.

`seq`     place in the order of the input: part number * 2**33 + place in the part
`rule`    position of a finding's rule in the catalogue, else `RECORD` or `TALLY`
`key`     records of one key belong together: a hash of the name, then the address; negative: of no
          further concern. In a tally: what is counted
`ip`      of records and findings
`name`    of records and findings
`detail`  of a record: 1 if it is sent, 0 if withdrawn; of a tally: the number; of a D3xx: the address
          of the first record; of other findings as in `columns.table`
`first`   of a D3xx: `seq` of the first record; of a record: 1 if a dot was taken off its name
"""

PART_BITS = 33
"""Spark's `monotonically_increasing_id` numbers rows so."""


def rows(
    seq: IntArray,
    rule: IntArray | int,
    key: Any = -1,
    ip: TextColumn | None = None,
    name: TextColumn | None = None,
    detail: Any = -1,
    first: Any = -1,
) -> pd.DataFrame:
    """A table of n rows; what is one number stands in every row."""
    import pandas as pd

    n = len(seq)

    def numbers(values: Any, kind: type[np.generic]) -> Any:
        return np.full(n, values, kind) if np.ndim(values) == 0 else np.asarray(values).astype(kind)

    return pd.DataFrame(
        {
            "seq": numbers(seq, np.int64),
            "rule": numbers(rule, np.int32),
            "key": numbers(key, np.int64),
            "ip": _texts(ip, n),
            "name": _texts(name, n),
            "detail": numbers(detail, np.int64),
            "first": numbers(first, np.int64),
        }
    )


def no_rows() -> pd.DataFrame:
    """An empty table."""
    return rows(np.empty(0, np.int64), RECORD)


def together(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """All rows of all tables, each column in one piece, which is what Spark takes."""
    import pandas as pd
    import pyarrow as pa

    empty = no_rows()
    whole = pd.concat([empty, *(table[empty.columns] for table in tables)], ignore_index=True)
    texts = pa.Table.from_pandas(whole[["ip", "name"]], preserve_index=False)
    return whole.assign(
        **{name: pd.array(texts[name].combine_chunks(), "string[pyarrow]") for name in texts.column_names}
    )


def tally_rows(seq: int, numbers: IntArray) -> pd.DataFrame:
    """One row for each number that is not zero; its place is its key."""
    key = np.flatnonzero(numbers)
    return rows(np.full(len(key), seq), TALLY, key=key, detail=numbers[key])


def raw(text: str) -> bytes:
    """The bytes of a name or address in a table."""
    return text.encode("latin-1")


def _texts(column: TextColumn | None, n: int) -> Any:
    """(n,) an array of pandas; missing values where there is no column."""
    import pandas as pd
    import pyarrow as pa

    return pd.array(pa.nulls(n, pa.large_string()) if column is None else _arrow(column), "string[pyarrow]")


def _arrow(column: TextColumn) -> Any:
    """The strings in a buffer of their own, without a gap between them."""
    import pyarrow as pa

    column = column.copied(slice(None))
    if len(column.data) and column.data.max() > 127:
        return pa.array([value.decode("latin-1") for value in column.values()], pa.large_string())
    offsets = np.append(column.start, len(column.data))
    return pa.LargeStringArray.from_buffers(len(column), pa.py_buffer(offsets), pa.py_buffer(column.data))
