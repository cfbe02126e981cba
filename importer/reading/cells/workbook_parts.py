"""What of a workbook is read, unpacked within bounds.

A workbook is a zip file, whose directory may say anything about sizes. So the parts that matter are
unpacked here once, counted as they come, and written to a plain copy; the reader sees that copy only.
"""

from __future__ import annotations

import errno
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

import numpy as np

from importer import limits
from importer.errors import InputError
from importer.reading.cells.formulas import Formulas
from importer.reading.cells.sheet_extent import Extent, SheetError
from importer.reading.options import ReadOptions
from importer.reading.packed import refuse_bomb

SAVE_AS_CSV = "save the sheet as CSV UTF-8 and name that file"
_SAVE_ANEW = f"open it with a spreadsheet program and save it anew, or {SAVE_AS_CSV}"
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    OverflowError,
)
"""What zipfile raises for files that are damaged, encrypted or packed in a way it does not know."""


_NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def checked_copy(file: IO[bytes], copy: IO[bytes], display: str, options: ReadOptions) -> None:
    """Write the parts of a workbook that tell its cells to an empty file.

    Raises InputError, and OSError where there is no room for the copy.
    """
    size, made, shared = file.seek(0, 2), 0, np.empty(0, np.int64)
    try:
        with zipfile.ZipFile(file) as packed, zipfile.ZipFile(copy, "w") as plain:
            for name in _parts(packed, display):
                sheet = "/worksheets/" in name.lower()
                extent = Extent(shared, sheet=sheet)
                with packed.open(name) as source, plain.open(name, "w", force_zip64=True) as target:
                    for part in _pieces(source, sheet=sheet):
                        extent.add(part)
                        made += len(part)
                        refuse_bomb(made + extent.text, size, display, options)
                        target.write(part)
                extent.close()
                made += extent.text
                refuse_bomb(made, size, display, options)
                _refuse_far_cells(extent, display)
                shared = extent.items if name.lower() == _SHARED else shared
    except SheetError as error:
        raise InputError(
            f"is an Excel workbook of which a sheet cannot be read: {error}", source=display, hint=_SAVE_ANEW
        ) from None
    except _DAMAGED as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            raise
        raise InputError(
            f"looks like an Excel workbook or another zip file, and is damaged: {str(error)[:200]}",
            source=display,
            hint="copy or download the file again",
        ) from None


def _pieces(part: IO[bytes], *, sheet: bool) -> Iterator[bytes]:
    """One part, a piece at a time; in a sheet no formula is without a value."""
    formulas = Formulas()
    while piece := part.read(limits.MiB):
        yield formulas.add(piece) if sheet else piece
    yield formulas.close()


def _parts(packed: zipfile.ZipFile, display: str) -> list[str]:
    """The parts that tell cells, names of sheets, shared texts and formats. Raises InputError."""
    names = packed.namelist()
    if "xl/workbook.xml" in (name.lower() for name in names):
        parts = [name for name in dict.fromkeys(names) if _PARTS.fullmatch(name.lower())]
        return sorted(parts, key=lambda name: name.lower() != _SHARED)  # what sheets share goes before them
    for what, member, hint in _OTHERS:
        if member in names:
            raise InputError(f"looks like {what}", source=display, hint=hint)
    raise InputError(
        "looks like a zip file", source=display, hint="unpack it, and name the list that is in it"
    )


_SHARED = "xl/sharedstrings.xml"
_PARTS = re.compile(r"\[content_types\]\.xml|_rels/\.rels|xl/(?:worksheets/)?[^/]*\.xml|xl/_rels/[^/]*\.rels")
_OTHERS = (
    ("an Excel binary workbook (.xlsb)", "xl/workbook.bin", f"save it as .xlsx, or {SAVE_AS_CSV}"),
    ("an OpenDocument file", "content.xml", f"save it as .xlsx, or {SAVE_AS_CSV}"),
    ("a Word document", "word/document.xml", "copy the list into a text file and name that"),
)


def _refuse_far_cells(extent: Extent, display: str) -> None:
    """Raise InputError for a sheet that would take more memory than any real one."""
    rows, columns = extent.rows, extent.columns
    if (
        rows > limits.MAX_SHEET_ROWS
        or columns > limits.MAX_SHEET_COLUMNS
        or rows * columns > limits.MAX_SHEET_CELLS
    ):
        raise InputError(
            f"has a sheet that spans {rows:,} rows and {columns:,} columns, "
            f"more than {limits.MAX_SHEET_CELLS:,} cells",
            source=display,
            hint=f"copy the columns of names and addresses to a new workbook, or {SAVE_AS_CSV}",
        )
