"""DataFrames: the same records from two columns in memory; a position is an index label."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from importer.columns.arrays import IntArray
from importer.columns.batch import NO_HOST, RecordBatch, RowFaults, Source
from importer.columns.findings import Excerpt
from importer.columns.text import TextColumn
from importer.errors import UsageError
from importer.reading.headings import MANAGEMENT_IP, SERVICE_IP, Role, normal, role_of

if TYPE_CHECKING:
    import pandas as pd

_ROWS = 1 << 15
NAME = "<frame>"


class FramePlaces(NamedTuple):
    """Positions are row numbers; what people see are index labels."""

    label: Any

    def place(self, at: int) -> tuple[int | str, int | None]:
        """Index label of a row; a frame has no column of characters."""
        return self.label(at), None

    def line_of(self, at: IntArray) -> IntArray:
        """The row numbers themselves."""
        return at

    def excerpt(self, at: int, width: int) -> Excerpt | None:
        """None: a row of a frame may hold anything, and is not shown."""
        return None


def frame_batches(frame: pd.DataFrame, ip: str = "", name: str = "") -> Iterator[RecordBatch]:
    """The records of a frame, one a row; a missing value is an empty cell. Raises UsageError."""
    ip_column, name_column = _column(frame, "ip", ip), _column(frame, "name", name)
    index = frame.index

    def label(row: int) -> int | str:
        value = index[row]
        return int(value) if isinstance(value, (int, np.integer)) else str(value)

    source = Source(NAME, "frame", "utf-8", 0, label)
    for low in range(0, max(len(frame), 1), _ROWS):
        part = frame.iloc[low : low + _ROWS]
        at = np.arange(low, low + len(part))
        ips, names = _texts(part.iloc[:, ip_column]), _texts(part.iloc[:, name_column])
        nothing = (ips.lengths() == 0) & (names.lengths() == 0)
        rule = np.where(nothing, NO_HOST, -1)
        yield RecordBatch(
            source=source,
            places=FramePlaces(label),
            name=names,
            name_at=at,
            ip=ips,
            ip_at=at,
            row_at=at,
            faults=RowFaults(rule, at, np.full(len(part), frame.shape[1])) if nothing.any() else None,
            width=frame.shape[1],
            lines=len(part),
            share=(low + len(part)) / max(len(frame), 1),
        )


def _texts(series: pd.Series[Any]) -> TextColumn:
    """The cells as bytes, stripped as those of a file are."""
    missing = series.isna().to_numpy()
    cells = ["" if gone else str(cell) for cell, gone in zip(series.tolist(), missing, strict=True)]
    return TextColumn.from_values(
        [cell.strip(" \t\v\f\r").encode("utf-8", "surrogateescape") for cell in cells]
    )


def _column(frame: pd.DataFrame, role: Role, wanted: str) -> int:
    if not hasattr(frame, "columns"):
        raise UsageError(f"this is no DataFrame but a {type(frame).__name__}", hint="pass a pandas DataFrame")
    headings = [str(heading) for heading in frame.columns]
    what = "an address" if role == "ip" else "a name"
    if wanted:
        found = [i for i, heading in enumerate(headings) if heading == wanted]
    else:
        found = [i for i, heading in enumerate(headings) if role_of(heading) == role]
        known = sorted(normal(headings[i]) for i in found)
        if known == sorted([SERVICE_IP, MANAGEMENT_IP]):
            found = [i for i in found if normal(headings[i]) == SERVICE_IP]
    if len(found) != 1:
        named = [headings[i] for i in found] or headings[:12]
        problem = (
            f"has {len(found)} columns for {what}" if found else f"has no column for {what}; its columns are"
        )
        raise UsageError(
            f"the frame {problem}: {', '.join(map(repr, named))}",
            hint=f"say which one it is with {role}=",
        )
    return found[0]
