"""The door to the inputs: `read(...)` names them, iterating reads them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from importer.columns.batch import Note, Piece, RecordBatch, Source
from importer.columns.understood import Understood
from importer.errors import UsageError, naming
from importer.keywords import MOST, options_from
from importer.language import said
from importer.reading.blocks import blocks
from importer.reading.detect import content_lines, detect
from importer.reading.encodings import SECOND_MARK, decoded, transcoded
from importer.reading.hosts import hosts_batch
from importer.reading.layout import FileLayout
from importer.reading.options import ANSWERS, SYNTAXES, ReadOptions
from importer.reading.source import STDIN, Opened, files_of, open_source
from importer.reading.stray import with_stray_byte
from importer.reading.streams import PeekStream
from importer.reading.tables import CONTENT_LINES, named_delimiter
from importer.reading.unknown import table_kind
from importer.shown import text_of

_HEAD = 1 << 16
_MAX_HEAD = 1 << 20


@dataclass(frozen=True)
class Reading:
    """Inputs that are not read yet. Iterating opens them one after the other and yields their records."""

    names: tuple[str, ...]
    """Paths; `-` is standard input."""
    shown: tuple[str, ...]
    """What each of them is called in reports and errors."""
    options: ReadOptions
    progress: Callable[[int], None] | None = None
    """Called with the number of bytes whenever some were read from a file."""
    left_out: tuple[str, ...] = ()
    """What lies in the folders that were named and is not read: other folders, `_SUCCESS`, hidden files."""

    def __iter__(self) -> Iterator[RecordBatch]:
        """Batches in input order, at least one for each input. Raises InputError."""
        return (piece() for piece in self.pieces())

    def pieces(self) -> Iterator[Piece]:
        """The same batches, each as a function that finds its records, on any thread. Raises InputError."""
        total, done = 0 if "-" in self.names else self.size(), 0

        def progress(count: int) -> None:
            nonlocal done
            done += count
            if self.progress is not None:
                self.progress(count)

        def share() -> float:
            return done / total if total else 0.0

        for number, (name, shown) in enumerate(zip(self.names, self.shown, strict=True)):
            # Nothing below knows the name of its input: it is put on every error here, as it passes.
            with naming(shown):
                opened = open_source(name, self.options, progress)
                with opened.file:
                    for piece in _pieces(opened, Source(shown, "", "utf-8", number), self.options, share):
                        yield partial(_named, piece, shown)

    @property
    def workers(self) -> int:
        """Threads that may find the records; 0 for as many as are useful."""
        return self.options.workers

    def size(self) -> int:
        """Bytes of all inputs that are plain files, as far as that can be known before they are read."""
        total = 0
        for name in self.names:
            try:
                total += os.stat(name).st_size if name != "-" else 0
            except (OSError, ValueError):
                continue
        return total


def read(*names: str, progress: Callable[[int], None] | None = None, **options: Any) -> Reading:
    """Name the inputs that make up one list; the keywords are the fields of `ReadOptions`.

    A folder stands for its files, see `files_of`. Columns and sheets may be numbers. No file is opened yet.
    Raises UsageError for options without a meaning, and InputError for a folder without files.
    """
    if not names:
        raise UsageError("no input is named", hint="name a file, or - for standard input")
    for name in _BY_NUMBER & options.keys():
        if type(options[name]) is int and abs(options[name]) <= MOST:
            options[name] = str(options[name])
    chosen = options_from(ReadOptions, "read()", options, least=_AT_LEAST_ONE)
    if chosen.syntax not in ("", *SYNTAXES):
        raise UsageError(
            said(
                "read(): syntax={syntax!r} is none of {SYNTAXES}",
                syntax=chosen.syntax,
                SYNTAXES=", ".join(SYNTAXES),
            )
        )
    if progress is not None and not callable(progress):
        raise UsageError("read(): progress is not a function", hint="it is called with a number of bytes")
    files, left_out = _files(map(_path, names))
    shown = tuple(STDIN if name == "-" else name for name in files)
    return Reading(files, shown, chosen, progress, left_out)


def _path(name: Any) -> str:
    """What names an input, as text. Raises UsageError."""
    try:
        return os.fsdecode(name)
    except TypeError:
        raise UsageError(
            said("read(): {name} names no input", name=text_of(name, repr)),
            hint="give paths, each as an argument of its own",
        ) from None


def _files(names: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The inputs, each folder among them replaced by its files; and what was left out of the folders."""
    files: list[str] = []
    left_out: list[str] = []
    for name in names:
        if name == "-" or not os.path.isdir(name):
            files.append(name)
            continue
        with naming(name):
            inside, others = files_of(name)
        files.extend(inside)
        left_out.extend(others)
    return tuple(files), tuple(left_out)


_BEFORE_JSON, _JSON = b"\xef\xbb\xbf \t\r\n", (b"{", b"[")
_BY_NUMBER = {"name_column", "ip_column", "sheet", "header"}
_AT_LEAST_ONE = dict.fromkeys(("max_line", "max_decompressed", "max_ratio", "block_size"), 1)


def _pieces(
    opened: Opened, source: Source, options: ReadOptions, share: Callable[[], float]
) -> Iterator[Piece]:
    """The pieces of an open input. `source` has its name and number; the rest is found here."""
    kind = table_kind(opened.stream.peek(8))
    begin = opened.stream.peek(1 << 12).lstrip(_BEFORE_JSON)[:1]
    if not kind and (options.syntax in ANSWERS or begin in _JSON):
        from importer.reading.cells.answers import answer_kind, answer_pieces

        answer = answer_kind(opened.stream.peek(_HEAD), options)
        if answer:
            yield from answer_pieces(opened.stream, source._replace(format=answer), options)
            return
    if not kind:
        yield from _text_pieces(opened.stream, source, options, share)
        return
    with opened.seekable(options) as whole:
        if kind == "xlsx":
            from importer.reading.cells.workbook import workbook_pieces

            yield from workbook_pieces(whole, source, options)
        else:
            from importer.reading.cells.column_files import column_file_pieces

            yield from column_file_pieces(whole, source._replace(format=kind), options)


def _text_pieces(
    stream: PeekStream, source: Source, options: ReadOptions, share: Callable[[], float]
) -> Iterator[Piece]:
    """The pieces of a text."""
    encoding, stream, announced = decoded(stream, options)
    layout = _layout(stream, options)
    if layout.encoding:
        encoding = announced = layout.encoding
        stream = transcoded(stream, encoding)
        layout = _layout(stream, options._replace(encoding=encoding))
    source = source._replace(
        format=layout.syntax,
        encoding=encoding,
        understood=_understood(layout, stream),
        block_list=layout.block_list,
    )
    cut = blocks(stream, options, share)
    pieces: Iterator[Piece]
    if layout.syntax == "hosts":
        pieces = (partial(hosts_batch, block, source, layout.header_at) for block in cut)
    else:
        from importer.reading.delimited import delimited_pieces

        pieces = delimited_pieces(cut, layout, source, options.max_line)
    if announced:
        yield partial(_announced, next(pieces), announced)
    for piece in pieces:
        yield partial(_with_stray_byte, piece)


def _understood(layout: FileLayout, stream: PeekStream) -> Understood:
    """What a report tells of the layout of a text."""
    header = None
    if layout.header_at >= 0:
        header = stream.peek(layout.header_at).count(b"\n") + 1
    if layout.syntax == "hosts":
        return Understood(header=header)
    return layout.understood(named_delimiter(layout.delimiter), header)


def _layout(stream: PeekStream, options: ReadOptions) -> FileLayout:
    """The layout that the beginning shows: 100 lines with content, or 1 MiB."""
    size = _HEAD
    while True:
        head = stream.peek(size)
        complete = len(head) < size
        if complete or size >= _MAX_HEAD or len(content_lines(head)) > CONTENT_LINES - 1:
            return detect(head, options, complete=complete)
        size *= 4


# --- what is done to every piece, when it is carried out ------------------------------------------


def _named(piece: Piece, source: str) -> RecordBatch:
    with naming(source):
        return piece()


def _with_stray_byte(piece: Piece) -> RecordBatch:
    return with_stray_byte(piece())


def _announced(piece: Piece, encoding: str) -> RecordBatch:
    """The first batch of an input, with the note how it was read."""
    first = with_stray_byte(piece())
    cause = "second_mark" if encoding.endswith(SECOND_MARK) else ""
    return replace(first, notes=(Note("R106", -1, {"encoding": encoding}, cause=cause), *first.notes))
