"""DataFrames: records from two columns in memory; the place of a finding is an index label."""

from __future__ import annotations

import datetime
import decimal
import numbers
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from importer.columns.arrays import ByteArray
from importer.columns.batch import BOOLEAN, DATE, NUMBER, TEXT, CellKinds, Note, RecordBatch, Source
from importer.columns.forms import is_ipv4
from importer.columns.text import TextColumn
from importer.errors import ImporterError, InputError, UsageError, of_a_library
from importer.language import Text, said
from importer.reading.cells.arrow import ROWS, kind_of, rows_at_once, text_column
from importer.reading.cells.batches import CellPlaces, cell_batch, sample_row, sampled
from importer.reading.headings import MANAGEMENT_IP, SERVICE_IP, Role, normal, role_of
from importer.reading.quoted import Row
from importer.reading.tables import CONTENT_LINES, column_fits
from importer.shown import text_of

if TYPE_CHECKING:
    import pandas as pd

NAME = "<frame>"


def frame_batches(frame: pd.DataFrame, ip: str = "", name: str = "") -> Iterator[RecordBatch]:
    """The records of a frame, one for each row; a missing value is an empty cell.

    Raises UsageError where the columns cannot be told, InputError for cells that cannot be read.
    """
    try:
        yield from _batches(frame, ip, name)
    except ImporterError:
        raise
    except BaseException as error:  # of a cell that has no text, or of damaged memory that Arrow looks after
        if not of_a_library(error):
            raise
        raise InputError(
            said("cannot be read: {error}", error=_first_line(error)),
            source=NAME,
            hint="turn the two columns into text first: frame[column].astype(str)",
        ) from None


def _first_line(error: BaseException) -> str:
    return (text_of(error) or type(error).__name__).splitlines()[0][:200]


@dataclass(frozen=True)
class _Labels:
    """What a frame calls its rows; it can be pickled, as a function inside of another one cannot."""

    rows: pd.Index[Any]

    def __call__(self, row: int) -> int | str:
        """The label of a row: a number of usual size, or text."""
        value = self.rows[row]
        if isinstance(value, tuple):  # the label of a MultiIndex, as Python writes it
            return text_of(tuple(part.item() if isinstance(part, np.generic) else part for part in value))
        whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        return int(value) if whole and abs(int(value)) < _LARGE else text_of(value)


_LARGE = 1 << 64


def _batches(frame: pd.DataFrame, ip: str, name: str) -> Iterator[RecordBatch]:
    columns = column_of(frame, "ip", ip), column_of(frame, "name", name)
    if columns[0] == columns[1]:
        raise UsageError(
            said(
                "the frame has one column for addresses and names: {columns}",
                columns=text_of(frame.columns[columns[0]], repr),
            ),
            hint="choose two with ip= and name=",
        )
    label = _Labels(frame.index)
    source = Source(NAME, "frame", "utf-8", 0, labels=label)
    places = CellPlaces(frame.shape[1], label)
    texts = [_Texts(frame.iloc[:, column]) for column in columns]
    step = min(column.at_once for column in texts)
    notes = () if ip != "" else _column_chosen(frame, *columns)
    for low in range(0, max(len(frame), 1), step):
        row = np.arange(low, min(low + step, len(frame)))
        part = [column.rows(low, step) for column in texts]
        ip_kinds, name_kinds = (column.kinds(low, step) for column in texts)
        kinds = CellKinds(name_kinds, ip_kinds) if ip_kinds.any() or name_kinds.any() else None
        share = (low + len(row)) / max(len(frame), 1)
        yield cell_batch(
            source, places, row, columns, *part, lines=len(row), notes=notes, kinds=kinds, share=share
        )
        notes = ()


def _column_chosen(frame: pd.DataFrame, ip: int, name: int) -> tuple[Note, ...]:
    """R105, as in a file: of several columns that hold addresses, the one with a known heading was taken."""
    headings = [text_of(heading) for heading in frame.columns]
    others = [i for i in range(len(headings)) if i not in (ip, name) and role_of(headings[i]) == "ip"]
    if not others:
        first = frame.iloc[:CONTENT_LINES]
        others = [
            i for i in range(len(headings)) if i not in (ip, name) and _holds_addresses(first.iloc[:, i])
        ]
    facts = {"taken": Text(headings[ip]), "others": tuple(Text(headings[i]) for i in others)}
    return (Note("R105", -1, facts),) if others else ()


def _holds_addresses(series: pd.Series[Any]) -> bool:
    texts = _Texts(series).rows(0, CONTENT_LINES).values()
    row = sample_row(0, map(sampled, texts))
    cells = [Row(i, i, i + 1, (cell,)) for i, cell in enumerate(row.cells)]
    return column_fits(cells, 0, is_ipv4)


class _Texts:
    """A column of a frame as text, a stretch of rows at a time."""

    def __init__(self, series: pd.Series[Any]) -> None:
        self._series = series
        self._arrow = _arrow(series)
        chunks = [] if self._arrow is None else self._arrow.chunks
        self.at_once = min(map(rows_at_once, chunks), default=ROWS)
        """How many rows may become text at once."""

    def rows(self, low: int, count: int) -> TextColumn:
        """The cells of some rows; Arrow's buffers are not copied, except where two chunks meet."""
        if self._arrow is None:
            return _texts(self._series.iloc[low : low + count])
        part = self._arrow.slice(low, count)
        return text_column(part.chunk(0) if part.num_chunks == 1 else part.combine_chunks())

    def kinds(self, low: int, count: int) -> ByteArray:
        """What each of these cells is held as."""
        part = self._series.iloc[low : low + count]
        if self._arrow is not None:
            return np.full(len(part), kind_of(self._arrow.type), np.uint8)
        if part.dtype == object:
            return np.array([_kind(cell) for cell in part.tolist()], np.uint8)
        first = next(iter(part.dropna().head(1).tolist()), "")
        return np.full(len(part), _kind(first), np.uint8)


def _kind(cell: Any) -> int:
    """What a Python object is, in the words of `importer.columns.batch`."""
    if isinstance(cell, (bool, np.bool_)):
        return BOOLEAN
    if isinstance(cell, (numbers.Number, decimal.Decimal)):
        return NUMBER
    return (
        DATE if isinstance(cell, (datetime.date, datetime.time, datetime.timedelta, np.datetime64)) else TEXT
    )


def _arrow(series: pd.Series[Any]) -> Any:
    """The Arrow array behind a column; None where there is not one."""
    import pandas as pd

    kind = series.dtype
    if isinstance(kind, pd.ArrowDtype) or getattr(kind, "storage", "").startswith("pyarrow"):
        return series.array.__arrow_array__()
    return None


def _texts(series: pd.Series[Any]) -> TextColumn:
    """The cells of any other column as text."""
    missing = series.isna().to_numpy()
    cells = ["" if gone else cell for cell, gone in zip(series.tolist(), missing.tolist(), strict=True)]
    return TextColumn.from_values([_encoded(cell) for cell in cells])


def _encoded(cell: Any) -> bytes:
    """A cell as UTF-8; a lone surrogate, which is not a character, becomes three bytes."""
    if isinstance(cell, bytes):
        return cell
    text = cell if isinstance(cell, str) else str(cell)
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def column_of(frame: pd.DataFrame, role: Role, wanted: str) -> int:
    """Position of the column with a role: the one asked for, or the one with a known heading.

    Anything with `columns` is a frame here. Raises UsageError unless there is exactly one such column.
    """
    if not hasattr(frame, "columns"):
        raise UsageError(
            said("this is not a DataFrame but a {name}", name=type(frame).__name__),
            hint="pass a pandas DataFrame",
        )
    headings = [text_of(heading) for heading in frame.columns]
    wanted = text_of(wanted)
    what = "an address" if role == "ip" else "a name"
    if wanted != "":
        found = [i for i, heading in enumerate(headings) if heading == wanted]
    else:
        found = [i for i, heading in enumerate(headings) if role_of(heading) == role]
        known = sorted(normal(headings[i]) for i in found)
        if known == sorted([SERVICE_IP, MANAGEMENT_IP]):
            found = [i for i in found if normal(headings[i]) == SERVICE_IP]
    if len(found) != 1:
        named = [headings[i] for i in found] or headings[:12]
        missing = (
            said("has no column for {what}", what=what)
            if wanted == ""
            else said("has no column {wanted!r}", wanted=wanted)
        )
        problem = (
            said("has {number} columns for {what}", number=len(found), what=what)
            if found
            else said("{missing}; its columns are", missing=missing)
        )
        raise UsageError(
            said("the frame {problem}: {repr}", problem=problem, repr=", ".join(map(repr, named))),
            hint=said("choose one with {role}=", role=role),
        )
    return found[0]
