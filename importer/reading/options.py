"""What a caller can say about the inputs; every default is right for ordinary files."""

from __future__ import annotations

from typing import NamedTuple

from importer import limits


class ReadOptions(NamedTuple):
    """How to read; the command line has an option of the same name for each."""

    syntax: str = ""
    """`hosts` or `csv`; empty: found from the content (`--from`)."""
    encoding: str = ""
    """A Python codec name; empty: a byte-order mark decides, else UTF-8."""
    delimiter: str = ""
    """One of `,` `;` tab `|`; empty: found from the content."""
    name_column: str = ""
    """A heading or a 1-based number; empty: found from headings or content."""
    ip_column: str = ""
    sheet: str = ""
    """Name or 1-based number of a workbook's sheet; empty: its only one that is not empty."""
    max_line: int = limits.MAX_LINE_BYTES
    """Bytes in one physical line, or one quoted cell."""
    max_decompressed: int = limits.MAX_DECOMPRESSED_BYTES
    max_ratio: int = limits.MAX_DECOMPRESSION_RATIO
    block_size: int = 5 * limits.MiB // 2
    """Bytes read at a time; never changes a result."""
    workers: int = 0
    """Threads that a long list is judged on, 0 for as many as are useful; never changes a result."""
