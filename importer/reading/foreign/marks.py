"""Files that are not text: how each kind is recognised by its first bytes, and what to do."""

from __future__ import annotations

from typing import NamedTuple

TABLES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "xlsx"),
    (b"PAR1\x15", "parquet"),  # a host list may begin with PAR1, but not with the byte behind it too
    (b"ARROW1\0", "feather"),
)
"""Tables that are not text and can be read."""

_NAME_THE_LIST = "name the host list instead"
_UNPACK = "unpack it, and name the list that is in it"
_WRITE_CSV = "write the table as CSV or Parquet with the program that made it, for example Hive or Spark"


class Mark(NamedTuple):
    """A kind of file that is known by some of its bytes."""

    mark: bytes
    what: str
    hint: str
    at: int = 0
    """Where in the file the bytes stand."""
    among_controls: bool = False
    """Whether a text may begin so too: then the kind is known by the control characters that follow."""


MARKS: tuple[Mark, ...] = (
    Mark(
        b"\xd0\xcf\x11\xe0",
        "an Excel workbook of the old kind (.xls), or one with a password",
        "save it as .xlsx without a password, or save the sheet as CSV UTF-8",
    ),
    Mark(
        b"FEA1\0",
        "a Feather file of version 1, whose readers fail on damaged files",
        "write it again as Feather version 2, or export it as CSV",
    ),
    Mark(b"PARE\x15", "an encrypted Parquet file", "write it without encryption, or export it as CSV"),
    Mark(b"\xff\xff\xff\xff", "an Arrow stream", "write it as a Feather file, or export it as CSV"),
    Mark(b"ORC", "an ORC file", _WRITE_CSV, among_controls=True),
    Mark(b"Obj\x01", "an Avro file", _WRITE_CSV),
    Mark(b"SEQ\x04", "a Hadoop SequenceFile", _WRITE_CSV),
    Mark(b"SEQ\x05", "a Hadoop SequenceFile", _WRITE_CSV),
    Mark(b"SEQ\x06", "a Hadoop SequenceFile", _WRITE_CSV),
    Mark(b"ustar", "a tar archive", _UNPACK, at=257),
    Mark(b"Rar!\x1a\x07", "a rar archive", _UNPACK),
    Mark(b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    Mark(b"%PDF", "a PDF document", "export the list as CSV or text"),
    Mark(b"{\\rtf", "a document in Rich Text Format (RTF)", "open it and save it as plain text, in UTF-8"),
    Mark(b"\x89PNG", "a picture", "ask for the list as text: a picture of a list cannot be read"),
    Mark(b"\xff\xd8\xff", "a picture", "ask for the list as text: a picture of a list cannot be read"),
    Mark(b"\x7fELF", "a program", _NAME_THE_LIST),
    Mark(b"SQLite format 3\0", "a SQLite database", "export the table as CSV"),
)


def mark_of(head: bytes) -> Mark | None:
    """The kind of file that begins with these bytes, if it is known not to be text."""
    return next((kind for kind in MARKS if _has(head, kind)), None)


def _has(head: bytes, kind: Mark) -> bool:
    if not head.startswith(kind.mark, kind.at):
        return False
    return not kind.among_controls or any(byte < 9 for byte in head[:512])
