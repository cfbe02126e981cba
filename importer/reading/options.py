"""What a caller can say about the inputs; the defaults are right for ordinary files."""

from __future__ import annotations

from typing import NamedTuple

from importer import limits

ANSWERS = ("mrs-json", "ecs-json")
"""Saved answers of list calls, see `importer.reading.cells.answers`."""
SYNTAXES = ("hosts", "csv", *ANSWERS)


class ReadOptions(NamedTuple):
    """How to read; the command line has an option of the same name for each."""

    syntax: str = ""
    """One of `SYNTAXES` (`--from`); empty: found from the content."""
    encoding: str = ""
    """A Python codec name; empty: a byte-order mark decides, else UTF-8."""
    delimiter: str = ""
    """One ASCII character, `tab`, or `\\xNN`; empty: `,` `;` tab or `|`, as the content shows."""
    name_column: str = ""
    """A heading or a 1-based number; empty: found from headings or content."""
    ip_column: str = ""
    header: str = ""
    """The physical line of the header, or `none`; empty: found from headings."""
    sheet: str = ""
    """Name or 1-based number of a sheet of a workbook; empty: the only visible one with columns."""
    max_line: int = limits.MAX_LINE_BYTES
    """Bytes in one physical line, or one quoted cell."""
    max_decompressed: int = limits.MAX_DECOMPRESSED_BYTES
    max_ratio: int = limits.MAX_DECOMPRESSION_RATIO
    block_size: int = 5 * limits.MiB // 2
    """Bytes read at a time; it never changes a result."""
    workers: int = 0
    """Threads that check a long list, 0 for as many as are useful; it never changes a result."""
