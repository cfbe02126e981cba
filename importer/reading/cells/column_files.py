"""Parquet and Feather (Arrow IPC) files: two of their columns, a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import IO, Any

import numpy as np

from importer.columns.batch import Piece, Source
from importer.columns.text import TextColumn
from importer.errors import InputError
from importer.reading.cells.arrow import is_text, rows_at_once, text_column
from importer.reading.cells.arrow_sizes import batch_sizes
from importer.reading.cells.batches import CellPlaces, cell_batch, refuse_long_cells
from importer.reading.detect import detect_cells
from importer.reading.extras import extra_package
from importer.reading.options import ReadOptions
from importer.reading.packed import refuse_bomb
from importer.reading.quoted import BLANKS, Cell, Row
from importer.reading.tables import CONTENT_LINES, Table


def column_file_pieces(file: IO[bytes], source: Source, options: ReadOptions) -> Iterator[Piece]:
    """The records of a file whose format is `parquet` or `feather`, one for each row.

    There is at least one batch, perhaps empty. A line is the number of a row from 1. Raises InputError.
    """
    size = file.seek(0, 2)
    file.seek(0)
    what = f"a {source.format.capitalize()} file"
    pa = extra_package("pyarrow", "arrow", what, "export it as CSV")
    try:
        columns = _Parquet(file) if source.format == "parquet" else _Feather(file)
        for asked in columns.sizes():
            refuse_bomb(asked, size, options)
        table = _first_rows(columns)
        layout = detect_cells(table, options, source.name)
        places = CellPlaces(max(len(columns.headings), 1))
        chosen = (layout.ip, layout.name)
        notes = layout.choice(-1)
        nothing = text_column(_nulls(0))
        yield partial(cell_batch, source, places, _NO_ROWS, chosen, nothing, nothing, lines=0, notes=notes)
        first, made = 1, 0
        for ip, names in _texts(columns, chosen) if table.content else ():
            row = np.arange(first, first + len(ip))
            made += len(ip.stretch()) + len(names.stretch())
            refuse_bomb(made, size, options)
            refuse_long_cells(ip, row, options.max_line)
            refuse_long_cells(names, row, options.max_line)
            yield partial(cell_batch, source, places, row, chosen, ip, names, lines=len(row))
            first += len(row)
    except (pa.ArrowException, OSError, MemoryError, UnicodeError) as error:
        raise InputError(
            f"is {what} that cannot be read: {_first_line(error)}",
            hint="copy or write the file again, or export it as CSV",
        ) from None


_SAMPLE_BYTES = 1 << 10
"""Bytes of a cell that are looked at to find out what its column holds."""
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
    rows = [
        Row(i, i, i + 1, tuple(Cell(i, value[:_SAMPLE_BYTES].strip(BLANKS)) for value in row))
        for i, row in enumerate([head, *zip(*texts, strict=True)])
    ]
    return Table(0, (rows[0],), tuple(rows[1:]))


class _Parquet:
    """A Parquet file as two columns of arrays."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._plain = self._open()
        self.headings: list[str] = self._plain.schema_arrow.names
        texts = [field.name for field in self._plain.schema_arrow if is_text(field.type)]
        self._coded = self._open(texts)
        """The same file, read with dictionaries: a text that many rows share is held once."""

    def _open(self, coded: list[str] | None = None) -> Any:
        import pyarrow.parquet

        return pyarrow.parquet.ParquetFile(
            self._file, read_dictionary=coded, buffer_size=1 << 20, pre_buffer=False
        )

    def sizes(self) -> Iterator[int]:
        """Unpacked bytes of each group of rows, as the file states them."""
        groups = self._plain.metadata
        return (groups.row_group(i).total_byte_size for i in range(groups.num_row_groups))

    def sample(self, most: int) -> list[Any]:
        """The first rows of all columns; nested columns are empty, as they cannot be names or addresses."""
        batch = self._first(most) or next(self._plain.iter_batches(batch_size=most), None)
        return [_flat(array) for array in batch.columns] if batch else [_nulls(0) for _ in self.headings]

    def pairs(self, ip: int, name: int) -> Iterator[tuple[Any, Any]]:
        """The arrays of two columns, batch by batch."""
        wanted = [self.headings[ip], self.headings[name]]
        for group in range(self._plain.num_row_groups):
            which = {"row_groups": [group], "columns": wanted}
            # The first row has the dictionary of its column, which shows how long its texts may be.
            first = self._first(1, **which)
            step = min(rows_at_once(self._column(first, i)) for i in (ip, name)) if first else _FEW_ROWS
            for batch in self._plain.iter_batches(batch_size=step, **which):
                yield self._column(batch, ip), self._column(batch, name)

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
        self._file = file
        self.headings: list[str] = self._open().schema.names

    def _open(self, columns: list[int] | None = None) -> Any:
        import pyarrow.ipc

        self._file.seek(0)
        options = pyarrow.ipc.IpcReadOptions(included_fields=columns)
        return pyarrow.ipc.open_file(self._file, options=options)

    def _read(self, columns: list[int] | None = None) -> Iterator[Any]:
        reader = self._open(columns)
        return (reader.get_batch(i) for i in range(reader.num_record_batches))

    def sizes(self) -> Iterator[int]:
        """Unpacked bytes that each batch asks for."""
        return batch_sizes(self._file)

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
