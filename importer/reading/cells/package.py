"""A workbook as a zip file of parts, of which each names others: unpacked as streams, within bounds.

The directory of a zip file may state any sizes and names. So what is unpacked is counted, and a part that
is there twice, or packed in another way than workbooks are, is refused.
"""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple

from importer.errors import InputError
from importer.language import said
from importer.reading.cells.markup import MarkupError, elements
from importer.reading.options import ReadOptions
from importer.reading.packed import refuse_bomb

SAVE_AS_CSV = "save the sheet as CSV UTF-8 and name that file"
SAVE_AGAIN = f"open it with a spreadsheet program and save it again, or {SAVE_AS_CSV}"
_PIECE = 1 << 16
"""Unpacked bytes at a time."""
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MOST_RELATIONS = 10_000
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    OverflowError,
    IndexError,
)
"""What zipfile raises for files that are damaged or encrypted."""
_OTHERS = (
    ("an Excel binary workbook (.xlsb)", "xl/workbook.bin", f"save it as .xlsx, or {SAVE_AS_CSV}"),
    ("an OpenDocument file", "content.xml", f"save it as .xlsx, or {SAVE_AS_CSV}"),
    ("a Word document", "word/document.xml", "copy the list into a text file and name that"),
)


class Relation(NamedTuple):
    """What one part says of another."""

    kind: str
    """The last word of its type: `worksheet`, `styles`, `sharedStrings` ..."""
    target: str
    """The name of the other part."""


class Package:
    """The parts of a workbook."""

    def __init__(self, file: IO[bytes], options: ReadOptions) -> None:
        """Raises InputError for a file that is not a workbook."""
        self._size, self._made, self._options = file.seek(0, 2), 0, options
        try:
            self._zip = zipfile.ZipFile(file)
            infos = self._zip.infolist()
        except _DAMAGED as error:
            raise _damaged(error) from None
        self._parts: dict[str, list[zipfile.ZipInfo]] = {}
        for info in infos:
            self._parts.setdefault(info.filename.lower(), []).append(info)
        if "xl/workbook.xml" not in self._parts:
            self._refuse_other_kinds()

    def _refuse_other_kinds(self) -> None:
        for what, member, hint in _OTHERS:
            if member in self._parts:
                raise InputError(said("looks like {what}", what=what), hint=hint)
        if "_rels/.rels" not in self._parts:
            raise InputError("looks like a zip file", hint="unpack it, and name the list that is in it")

    def pieces(self, part: str, size: int = _PIECE) -> Iterator[bytes]:
        """The bytes of a part, so many at a time. Raises MarkupError, InputError."""
        infos = self._parts.get(part.lower(), [])
        if len(infos) != 1:
            raise MarkupError(
                said(
                    "it has {rest} of the name {part!a}",
                    rest="two parts" if infos else "no part",
                    part=part[:100],
                )
            )
        if infos[0].compress_type not in _PACKINGS:
            raise MarkupError("a part of it is packed in a way that workbooks are not")
        try:
            with self._zip.open(infos[0]) as source:
                while piece := source.read(size):
                    self.count(len(piece))
                    yield piece
        except _DAMAGED as error:
            raise _damaged(error) from None

    def count(self, size: int) -> None:
        """Take note of bytes that were made from the file. Raises InputError where they are too many."""
        self._made += size
        refuse_bomb(self._made, self._size, self._options)

    def relations(self, part: str) -> dict[str, Relation]:
        """What a part, or with an empty name the package, says of other parts, by the names it has for them.

        Raises MarkupError, InputError.
        """
        folder, name = posixpath.split(part)
        found: dict[str, Relation] = {}
        for path, attributes in elements(self.pieces(posixpath.join(folder, "_rels", f"{name}.rels"))):
            if path != "Relationships/Relationship" or attributes.get("TargetMode") == "External":
                continue
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
            key = attributes.get("Id", "")
            if key in found or len(found) >= _MOST_RELATIONS:
                raise MarkupError("the names that it has for its parts are wrong")
            found[key] = Relation(attributes.get("Type", "").rpartition("/")[2], target.lstrip("/"))
        return found


def _damaged(error: Exception) -> InputError:
    return InputError(
        said(
            "looks like an Excel workbook or another zip file, but is damaged: {error}",
            error=str(error)[:200],
        ),
        hint="copy or download the file again",
    )
