"""The door to the inputs: `read(...)` names them, iterating reads them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import IO, Any

from importer.columns.batch import Note, Piece, RecordBatch, Source
from importer.errors import UsageError
from importer.keywords import options_from
from importer.reading.blocks import blocks
from importer.reading.detect import Layout, content_lines, detect
from importer.reading.encodings import decoded, transcoded
from importer.reading.hosts import hosts_batch
from importer.reading.options import ReadOptions
from importer.reading.source import PeekStream, open_source
from importer.reading.stray import with_stray_byte
from importer.reading.tables import CONTENT_LINES
from importer.reading.unknown import table_kind

_HEAD = 1 << 16
_MAX_HEAD = 1 << 24


@dataclass(frozen=True)
class Reading:
    """Inputs still to be read. Iterating opens them one after the other and yields their records."""

    names: tuple[str, ...]
    """Paths; `-` is standard input."""
    options: ReadOptions
    progress: Callable[[int], None] | None = None
    """Told the number of bytes read from each file as they are read."""

    def __iter__(self) -> Iterator[RecordBatch]:
        """Batches in input order, at least one for each input. Raises InputError."""
        return (piece() for piece in self.pieces())

    def pieces(self) -> Iterator[Piece]:
        """The same batches, each as a function that finds its records. Raises InputError."""
        total, done = 0 if "-" in self.names else self.size(), 0

        def progress(count: int) -> None:
            nonlocal done
            done += count
            if self.progress is not None:
                self.progress(count)

        def share() -> float:
            return done / total if total else 0.0

        for number, name in enumerate(self.names):
            yield from _pieces(name, number, self.options, progress, share)

    @property
    def workers(self) -> int:
        """Threads that may find the records; 0 stands for as many as are useful."""
        return self.options.workers

    def size(self) -> int:
        """Bytes of all inputs that are plain files, as far as that can be known beforehand."""
        total = 0
        for name in self.names:
            try:
                total += os.stat(name).st_size if name != "-" else 0
            except (OSError, ValueError):
                continue
        return total


def read(*names: str, progress: Callable[[int], None] | None = None, **options: Any) -> Reading:
    """Name the inputs that make up one list; the keywords are the fields of `ReadOptions`.

    Columns and sheets may be numbers. Nothing is opened yet. Raises UsageError for what means nothing.
    """
    if not names:
        raise UsageError("no input is named", hint="name a file, or - for standard input")
    for name in _BY_NUMBER & options.keys():
        if type(options[name]) is int:
            options[name] = str(options[name])
    if options.get("syntax", "") not in ("", "hosts", "csv"):
        raise UsageError(f"read(): syntax={options['syntax']!r} is neither 'hosts' nor 'csv'")
    return Reading(
        tuple(str(name) for name in names),
        options_from(ReadOptions, "read()", options, least=_AT_LEAST_ONE),
        progress,
    )


_BY_NUMBER = {"name_column", "ip_column", "sheet"}
_AT_LEAST_ONE = dict.fromkeys(("max_line", "max_decompressed", "max_ratio", "block_size"), 1)


def _pieces(
    name: str,
    number: int,
    options: ReadOptions,
    progress: Callable[[int], None],
    share: Callable[[], float],
) -> Iterator[Piece]:
    opened = open_source(name, options, progress)
    display, stream = opened.display, opened.stream
    with opened.file:
        kind = table_kind(stream.peek(8))
        if kind:
            with opened.seekable(options) as whole:
                yield from _table_pieces(kind, whole, display, options, number)
            return
        encoding, found, stream = decoded(stream, display, options)
        layout = _layout(stream, display, options)
        if layout.encoding:
            encoding, found = layout.encoding, "guess"
            stream = transcoded(stream, display, encoding)
            layout = _layout(stream, display, options._replace(encoding=encoding))
        source = Source(display, layout.syntax, encoding, number)
        cut = blocks(stream, display, options, share)
        pieces: Iterator[Piece]
        if layout.syntax == "hosts":
            pieces = (partial(hosts_batch, block, source) for block in cut)
        else:
            from importer.reading.delimited import delimited_pieces

            pieces = delimited_pieces(cut, layout, source, options.max_line)
        if found == "guess":
            yield partial(_announced, next(pieces), encoding)
        for piece in pieces:
            yield partial(_with_stray_byte, piece)


def _table_pieces(
    kind: str, file: IO[bytes], display: str, options: ReadOptions, number: int
) -> Iterator[Piece]:
    """The records of a file of cells."""
    if kind == "xlsx":
        from importer.reading.cells.workbook import workbook_pieces

        return workbook_pieces(file, display, options, number)
    from importer.reading.cells.column_files import column_file_pieces

    return column_file_pieces(kind, file, display, options, number)


def _layout(stream: PeekStream, display: str, options: ReadOptions) -> Layout:
    """Look at as much of the beginning as it takes: 100 content lines, or all there is up to 16 MiB."""
    size = _HEAD
    while True:
        head = stream.peek(size)
        complete = len(head) < size
        if complete or size >= _MAX_HEAD or len(content_lines(head)) > CONTENT_LINES - 1:
            return detect(head, display, options, complete=complete)
        size *= 4


def _with_stray_byte(piece: Piece) -> RecordBatch:
    return with_stray_byte(piece())


def _announced(piece: Piece, encoding: str) -> RecordBatch:
    """The first batch of an input, telling that the encoding was guessed."""
    first = with_stray_byte(piece())
    return replace(first, notes=(Note("R106", -1, {"encoding": encoding}), *first.notes))
