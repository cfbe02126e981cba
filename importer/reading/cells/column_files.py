"""Parquet and Feather (Arrow IPC) files: two of their columns, a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import IO, Any

import numpy as np

from importer.columns.batch import CellKinds, Piece, Source
from importer.columns.text import TextColumn
from importer.errors import ImporterError, InputError, UsageError, of_a_library
from importer.language import said
from importer.reading.cells.arrow import ROWS, is_text, kind_of, rows_at_once, text_column
from importer.reading.cells.arrow_sizes import FIRST_MESSAGE, MOST_BATCHES, batch_sizes
from importer.reading.cells.batches import (
    CellPlaces,
    cell_batch,
    refuse_long_cells,
    sample_row,
    sampled,
)
from importer.reading.cells.parquet_pages import groups_of, page_sizes
from importer.reading.detect import detect_cells
from importer.reading.extras import extra_package
from importer.reading.options import ReadOptions
from importer.reading.packed import refuse_bomb
from importer.reading.tables import CONTENT_LINES, Table


def column_file_pieces(file: IO[bytes], source: Source, options: ReadOptions) -> Iterator[Piece]:
    """The records of a file whose format is `parquet` or `feather`, one for each row.

    There is at least one batch, perhaps empty. A line is the number of a row from 1. Raises InputError.
    """
    size = file.seek(0, 2)
    file.seek(0)
    what = said("a {capitalize} file", capitalize=source.format.capitalize())
    extra_package("pyarrow", "arrow", what, "export it as CSV")
    try:
        yield from _pieces(
            _Parquet(file) if source.format == "parquet" else _Feather(file), size, source, options
        )
    except ImporterError:
        raise
    except BaseException as error:  # a damaged file may make its reader raise anything
        if not of_a_library(error):
            raise
        raise InputError(
            said("is {what} that cannot be read: {error}", what=what, error=_first_line(error)),
            hint="copy or write the file again, or export it as CSV",
        ) from None


def _pieces(columns: _Parquet | _Feather, size: int, source: Source, options: ReadOptions) -> Iterator[Piece]:
    """The records of an open file of this size. Raises whatever its reader does."""
    made = 0
    for asked in columns.sizes():
        made += asked
        refuse_bomb(made, size, options)
    if options.header:
        raise UsageError(
            said(
                "--header is for text and workbooks; {name} has names of its columns beside its rows",
                name=source.name,
            ),
            hint="leave --header out",
        )
    table = _first_rows(columns)
    if columns.rows and not table.content:
        raise OSError("it has rows, but no columns")
    layout = detect_cells(table, options, source.name)
    places = CellPlaces(max(len(columns.headings), 1))
    chosen = (layout.ip, layout.name)
    notes = layout.choice(-1)
    nothing = text_column(_nulls(0))
    yield partial(cell_batch, source, places, _NO_ROWS, chosen, nothing, nothing, lines=0, notes=notes)
    for asked in columns.sizes_of({*chosen}) if table.content else ():
        made += asked
        refuse_bomb(made, size, options)
    kinds = [columns.kind(column) for column in reversed(chosen)] if table.content else []
    first, made = 1, 0
    for ip, names in _texts(columns, chosen) if table.content else ():
        row = np.arange(first, first + len(ip))
        made += len(ip.stretch()) + len(names.stretch())
        refuse_bomb(made, size, options)
        refuse_long_cells(ip, row, options.max_line)
        refuse_long_cells(names, row, options.max_line)
        held = CellKinds(*(np.full(len(row), kind, np.uint8) for kind in kinds)) if any(kinds) else None
        yield partial(cell_batch, source, places, row, chosen, ip, names, lines=len(row), kinds=held)
        first += len(row)


_FEW_ROWS = 1 << 10
"""Rows at a time where a text may repeat parts of earlier ones, so that its length is not known before."""
_NO_ROWS = np.empty(0, np.int64)


def _texts(columns: _Parquet | _Feather, chosen: tuple[int, int]) -> Iterator[tuple[TextColumn, TextColumn]]:
    """Two columns of a file as text, as many rows at a time as memory allows."""
    for ip, name in columns.pairs(*chosen):
        step = min(rows_at_once(ip), rows_at_once(name))
        for low in range(0, len(ip), step):
            yield text_column(ip.slice(low, step)), text_column(name.slice(low, step))


def _first_rows(columns: _Parquet | _Feather) -> Table:
    """The headings as a row, and the first rows; they show which columns are names and addresses."""
    head = tuple(heading.encode("utf-8", "surrogateescape") for heading in columns.headings)
    texts = [list(text_column(array).values()) for array in columns.sample(CONTENT_LINES)]
    rows = [sample_row(i, map(sampled, row)) for i, row in enumerate([head, *zip(*texts, strict=True)])]
    return Table(0, (rows[0],), tuple(rows[1:]))


class _Parquet:
    """A Parquet file as two columns of arrays."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._groups = groups_of(file)
        if len(self._groups) > MOST_BATCHES:
            raise OSError(
                said(
                    "it has {number:,} groups of rows, more than {MOST_BATCHES:,}",
                    number=len(self._groups),
                    MOST_BATCHES=MOST_BATCHES,
                )
            )
        self.rows = sum(group.rows for group in self._groups)
        """Rows of the file, by its description."""
        self._plain = self._open()
        self._schema = self._plain.schema_arrow
        self.headings: list[str] = self._schema.names
        texts = [field.name for field in self._schema if is_text(field.type)]
        self._coded = self._open(texts)
        """The same file, read with dictionaries: a text that many rows share is held once."""

    def _open(self, coded: list[str] | None = None) -> Any:
        import pyarrow.parquet

        self._file.seek(0)
        return pyarrow.parquet.ParquetFile(
            self._file,
            read_dictionary=coded,
            buffer_size=1 << 20,
            pre_buffer=False,
            page_checksum_verification=True,
        )

    def kind(self, column: int) -> int:
        """What the cells of a column are held as."""
        return kind_of(self._schema.field(column).type)

    def sizes(self) -> Iterator[int]:
        """A byte for each row of the file, and what the pages come to of which the first rows are read."""
        yield self.rows
        wanted = {i for i, field in enumerate(self._schema) if not _is_nested(field.type)}
        yield from self._page_sizes(self._together()[0], wanted)

    def sizes_of(self, columns: set[int]) -> Iterator[int]:
        """What the pages of some columns come to."""
        yield from self._page_sizes(range(len(self._groups)), columns)

    def _page_sizes(self, groups: Iterable[int], columns: set[int]) -> Iterator[int]:
        wanted = {self.headings[column].encode("utf-8", "surrogateescape") for column in columns}
        for group in (self._groups[number] for number in groups):
            for chunk in group.chunks:
                if group.rows and chunk.column in wanted:
                    yield from page_sizes(self._file, chunk)

    def _together(self) -> list[list[int]]:
        """The numbers of the groups of rows, small ones together."""
        found, rows = list[list[int]]([[]]), 0
        for number, group in enumerate(self._groups):
            if rows + group.rows > ROWS and found[-1]:
                found.append([])
                rows = 0
            found[-1].append(number)
            rows += group.rows
        return found

    def sample(self, most: int) -> list[Any]:
        """The first rows of all columns; nested columns are empty, as they cannot be names or addresses."""
        count = min(most, self.rows)
        flat = [field.name for field in self._schema if not _is_nested(field.type)]
        batch = self._first(most, columns=flat) if flat and count else None
        if flat and count and batch is None:
            batch = next(self._plain.iter_batches(batch_size=most, columns=flat), None)
        if not count or not flat:
            return [_nulls(count) for _ in self.headings]
        if batch is None or not 0 < batch.num_rows <= count:
            raise OSError(_OTHER_ROWS)
        kinds = [field.type for field in self._schema]
        return [
            _nulls(batch.num_rows) if _is_nested(kind) else _flat(self._column(batch, i))
            for i, kind in enumerate(kinds)
        ]

    def pairs(self, ip: int, name: int) -> Iterator[tuple[Any, Any]]:
        """The arrays of two columns, batch by batch."""
        wanted = [self.headings[ip], self.headings[name]]
        for groups in self._together():
            which = {"row_groups": groups, "columns": wanted}
            # The first row has the dictionary of its column, which shows how long its texts may be.
            first = self._first(1, **which)
            step = min(rows_at_once(self._column(first, i)) for i in (ip, name)) if first else _FEW_ROWS
            rows = 0
            for batch in self._plain.iter_batches(batch_size=step, **which):
                rows += batch.num_rows
                yield self._column(batch, ip), self._column(batch, name)
            if rows != sum(self._groups[number].rows for number in groups):
                raise OSError(_OTHER_ROWS)

    def _first(self, most: int, **which: Any) -> Any:
        """The first rows; None where there are none, or a text is in an encoding without a dictionary."""
        import pyarrow as pa

        try:
            return next(self._coded.iter_batches(batch_size=most, **which), None)
        except (pa.ArrowException, OSError):  # damaged data fail again when they are read
            return None

    def _column(self, batch: Any, column: int) -> Any:
        """A column of the file in a batch of some columns, found by its heading, which several may have."""
        heading = self.headings[column]
        same = [i for i, other in enumerate(batch.schema.names) if other == heading]
        return batch.column(same[self.headings[:column].count(heading)])


class _Feather:
    """A Feather file, which is an Arrow IPC file, as two columns of arrays."""

    def __init__(self, file: IO[bytes]) -> None:
        import pyarrow.ipc

        self._file = file
        self._schema = self._open().schema
        self.headings: list[str] = self._schema.names
        self._batches = list(batch_sizes(file))
        """What each batch comes to, those of dictionaries among them."""
        self.rows = sum(batch.rows for batch in self._batches)
        """Rows of the file, by its batches."""
        file.seek(FIRST_MESSAGE)
        if not pyarrow.ipc.read_schema(pyarrow.ipc.read_message(file)).equals(self._schema):
            raise OSError("its end describes other columns than its beginning")

    def _open(self, columns: list[int] | None = None) -> Any:
        import pyarrow.ipc

        self._file.seek(0)
        options = pyarrow.ipc.IpcReadOptions(included_fields=columns)
        return pyarrow.ipc.open_file(self._file, options=options)

    def _read(self, columns: list[int] | None = None) -> Iterator[Any]:
        reader = self._open(columns)
        rows = [batch.rows for batch in self._batches][len(self._batches) - reader.num_record_batches :]
        for i in range(reader.num_record_batches):
            batch = reader.get_batch(i)
            if batch.num_rows != rows[i]:
                raise OSError(_OTHER_ROWS)
            yield batch

    def kind(self, column: int) -> int:
        """What the cells of a column are held as."""
        return kind_of(self._schema.field(column).type)

    def sizes(self) -> Iterator[int]:
        """Unpacked bytes that each batch asks for, and one for each of its rows."""
        return (batch.size + batch.rows for batch in self._batches)

    def sizes_of(self, columns: set[int]) -> Iterator[int]:
        """Nothing more: each batch is unpacked as a whole."""
        return iter(())

    def sample(self, most: int) -> list[Any]:
        """The first rows of all columns; nested columns are empty, as they cannot be names or addresses."""
        for batch in self._read():
            if batch.num_rows:
                return [_flat(array.slice(0, most)) for array in batch.columns]
        return [_nulls(0) for _ in self.headings]

    def pairs(self, ip: int, name: int) -> Iterator[tuple[Any, Any]]:
        """The arrays of two columns, batch by batch."""
        kept = sorted({ip, name})
        for batch in self._read(kept):
            yield batch.column(kept.index(ip)), batch.column(kept.index(name))


_OTHER_ROWS = "it holds another number of rows than its description says"


def _is_nested(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_nested(kind))


def _flat(array: Any) -> Any:
    import pyarrow as pa

    return _nulls(len(array)) if pa.types.is_nested(array.type) else array


def _nulls(n: int) -> Any:
    import pyarrow as pa

    return pa.nulls(n)


def _first_line(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "it takes more memory than there is"
    return (str(error) or type(error).__name__).splitlines()[0][:200]
