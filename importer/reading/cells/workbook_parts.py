"""The parts of a workbook that are read, unpacked within bounds.

A workbook is a zip file, and its directory may state any sizes. So the parts that matter are unpacked here
once, their bytes are counted on the way, and they are written to a plain copy. The reader sees only that
copy, in which a formula without a value is text.
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
from importer.reading.cells.sheet_extent import Extent, SheetError
from importer.reading.options import ReadOptions
from importer.reading.packed import refuse_bomb

SAVE_AS_CSV = "save the sheet as CSV UTF-8 and name that file"
SAVE_AGAIN = f"open it with a spreadsheet program and save it again, or {SAVE_AS_CSV}"
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
"""What zipfile raises for files that are damaged, encrypted or packed in a way that it does not know."""
_NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def checked_copy(file: IO[bytes], copy: IO[bytes], options: ReadOptions) -> None:
    """Write the parts of a workbook that make up its cells to an empty file.

    Raises InputError, and OSError where there is no room for the copy.
    """
    size, made, shared = file.seek(0, 2), 0, np.empty(0, np.int64)
    try:
        with zipfile.ZipFile(file) as packed, zipfile.ZipFile(copy, "w") as plain:
            for name in _parts(packed):
                sheet = "/worksheets/" in name.lower()
                extent = Extent(shared, sheet=sheet)
                with packed.open(name) as source, plain.open(name, "w", force_zip64=True) as target:
                    for part in _pieces(source, sheet=sheet):
                        extent.add(part)
                        made += len(part)
                        refuse_bomb(made + extent.text, size, options)
                        target.write(part)
                extent.close()
                made += extent.text
                refuse_bomb(made, size, options)
                _refuse_far_cells(extent)
                shared = extent.items if name.lower() == _SHARED else shared
    except SheetError as error:
        raise InputError(
            f"is an Excel workbook with a sheet that cannot be read: {error}", hint=SAVE_AGAIN
        ) from None
    except _DAMAGED as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            raise
        raise InputError(
            f"looks like an Excel workbook or another zip file, but is damaged: {str(error)[:200]}",
            hint="copy or download the file again",
        ) from None


def _pieces(part: IO[bytes], *, sheet: bool) -> Iterator[bytes]:
    """One part, a piece at a time; in a sheet, formulas without a value are text."""
    formulas = Formulas()
    while piece := part.read(limits.MiB):
        yield formulas.add(piece) if sheet else piece
    yield formulas.close()


def _parts(packed: zipfile.ZipFile) -> list[str]:
    """The parts with cells, names of sheets, shared texts and formats. Raises InputError."""
    names = packed.namelist()
    if "xl/workbook.xml" in (name.lower() for name in names):
        parts = [name for name in dict.fromkeys(names) if _PARTS.fullmatch(name.lower())]
        return sorted(
            parts, key=lambda name: name.lower() != _SHARED
        )  # the texts that sheets share come before them
    for what, member, hint in _OTHERS:
        if member in names:
            raise InputError(f"looks like {what}", hint=hint)
    raise InputError("looks like a zip file", hint="unpack it, and name the list that is in it")


_SHARED = "xl/sharedstrings.xml"
_PARTS = re.compile(r"\[content_types\]\.xml|_rels/\.rels|xl/(?:worksheets/)?[^/]*\.xml|xl/_rels/[^/]*\.rels")
_OTHERS = (
    ("an Excel binary workbook (.xlsb)", "xl/workbook.bin", f"save it as .xlsx, or {SAVE_AS_CSV}"),
    ("an OpenDocument file", "content.xml", f"save it as .xlsx, or {SAVE_AS_CSV}"),
    ("a Word document", "word/document.xml", "copy the list into a text file and name that"),
)


def _refuse_far_cells(extent: Extent) -> None:
    """Raise InputError for a sheet that would take more memory than real ones do."""
    rows, columns = extent.rows, extent.columns
    if (
        rows > limits.MAX_SHEET_ROWS
        or columns > limits.MAX_SHEET_COLUMNS
        or rows * columns > limits.MAX_SHEET_CELLS
    ):
        raise InputError(
            f"has a sheet that spans {rows:,} rows and {columns:,} columns, "
            f"more than {limits.MAX_SHEET_CELLS:,} cells",
            hint=f"copy the columns of names and addresses to a new workbook, or {SAVE_AS_CSV}",
        )


# --- formulas -------------------------------------------------------------------------------------

_CELL = re.compile(
    rb"<(?P<prefix>[A-Za-z]+:)?c(?P<attributes>(?:\s[^<>]*)?)>\s*"
    rb"<(?:[A-Za-z]+:)?f(?:\s[^<>]*)?(?:/>|>(?P<formula>[^<]*)</(?:[A-Za-z]+:)?f\s*>)\s*"
    rb"(?P<value><(?:[A-Za-z]+:)?v\s*(?:/>|>\s*</(?:[A-Za-z]+:)?v\s*>))?\s*"
    rb"</(?:[A-Za-z]+:)?c\s*>"
)
_OPENING = re.compile(rb"<(?:[A-Za-z]+:)?c[\s/>]")
_LONGEST = 2 * limits.MAX_LINE_BYTES
"""Bytes of a cell whose end is waited for; a longer cell is refused later, by `Extent`."""
_TYPE = re.compile(rb"""\st\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_UNKNOWN = b"..."
"""Stands for a formula that is written at another cell and shared."""


class Formulas:
    """Makes text of the formulas without a value in the XML of a sheet, piece by piece.

    Programs that cannot calculate write such cells. Readers of workbooks take them for empty ones, and a
    whole row of them would be lost silently. In the copy such a cell holds its formula as text, which is
    neither a name nor an address, so that a finding tells its place:

        <c r="A4"><f>B4&amp;".x"</f><v></v></c>  ->  <c r="A4" t="inlineStr"><is><t>=B4&amp;".x"</t></is></c>

    Where the cell says that it is text, an empty value is a value: a formula with the result "" is stored
    like that (ECMA-376 part 1, 18.18.11: `str`).
    """

    def __init__(self) -> None:
        self._rest = b""

    def add(self, piece: bytes) -> bytes:
        """What can be passed on now: everything up to the last whole cell."""
        text = self._rest + piece
        cut = last_tag = text.rfind(b"<")
        while cut >= 0 and not _OPENING.match(text, cut):
            cut = text.rfind(b"<", 0, cut)
        cut = cut if cut >= 0 else last_tag
        if cut < 0 or len(text) - cut > _LONGEST:
            cut = len(text)
        self._rest = text[cut:]
        return _with_text(text[:cut])

    def close(self) -> bytes:
        """What is left at the end."""
        return _with_text(self._rest)


def _with_text(xml: bytes) -> bytes:
    return _CELL.sub(_as_text, xml) if b"<f" in xml or b":f" in xml else xml


def _as_text(cell: re.Match[bytes]) -> bytes:
    attributes, prefix = cell["attributes"], cell["prefix"] or b""
    kind = _TYPE.search(attributes)
    if kind is not None and b"str" in kind.groups() and cell["value"] is not None:
        return cell[0]
    text = b"=" + (cell["formula"] or _UNKNOWN)
    return b'<%bc%b t="inlineStr"><%bis><%bt>%b</%bt></%bis></%bc>' % (
        prefix, _TYPE.sub(b"", attributes), prefix, prefix, text, prefix, prefix, prefix,
    )  # fmt: skip
