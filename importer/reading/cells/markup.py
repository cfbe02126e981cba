"""XML as a stream, within bounds: no document type, no entities, nothing deep, nothing long.

The parser is expat, which knows every spelling of XML that there is, so that nothing here looks at XML as
text. Names come as the local name for elements of spreadsheets, and with their namespace for all others.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar
from xml.parsers import expat

from importer.language import said

Gathered = TypeVar("Gathered")

_NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://schemas.openxmlformats.org/package/2006/relationships",
)
"""Of the elements that are read: transitional and strict workbooks, and relations between their parts."""
NAMES = {
    name: sys.intern(name)
    for name in ("worksheet", "sheetData", "row", "c", "v", "f", "is", "r", "t", "extLst", "sst", "si")
}
"""Names of elements of spreadsheets, as the parser tells them: always the same objects."""
_LONGEST = 1 << 21
"""Bytes of one tag or comment."""
_DEEPEST = 64
_MOST_NAMES = 10_000
"""Names of elements and attributes in one part; real ones have some dozens."""
_PASSED_ON = 1 << 16
"""Characters that are passed on at a time."""
LONGEST_TEXT = 1 << 21
"""Characters of a cell; a host list has no longer ones."""


class MarkupError(Exception):
    """XML as no spreadsheet program writes it; the text says why, as the end of a sentence."""


class Parser:
    """A parser that is fed piece by piece; its handlers may be set at any time, as expat's own."""

    def __init__(self) -> None:
        known = {f"{space} {name}": kept for space in _NAMESPACES for name, kept in NAMES.items()}
        self._parser = expat.ParserCreate(namespace_separator=" ", intern=known)
        self._parser.buffer_text = True
        self._parser.buffer_size = _PASSED_ON
        self._parser.StartDoctypeDeclHandler = _refuse_document_type
        self._fed = 0

    def handle(
        self,
        start: Callable[[str, dict[str, str]], Any],
        end: Callable[[str], Any],
        text: Callable[[str], Any] | None = None,
    ) -> None:
        """Set the functions that are told of elements and of text from here on."""
        self._parser.StartElementHandler = start
        self._parser.EndElementHandler = end
        self._parser.CharacterDataHandler = text

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """Parse the next piece. Raises MarkupError."""
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            raise MarkupError(said("its XML is wrong, {code}", code=expat.ErrorString(error.code))) from None
        except (ValueError, LookupError, UnicodeError):  # of an encoding that its declaration names
            raise MarkupError("its XML is in an encoding that is not known") from None
        self._fed += len(piece)
        if self._fed - max(self._parser.CurrentByteIndex, 0) > _LONGEST and not last:
            raise MarkupError("its XML has a tag that is too long")
        if len(self._parser.intern) > _MOST_NAMES:
            raise MarkupError("its XML has too many names")

    @property
    def is_settled(self) -> bool:
        """Whether the last tag, text or comment has ended where the last piece did."""
        return self._parser.CurrentByteIndex == self._fed


class Gatherer(Protocol[Gathered]):
    """Gathers rows, or texts, from XML: from a parser, or by a shorter way where all is spelled as usual."""

    def cut(self, xml: bytes, /) -> int:
        """How much of the XML to go on with; 0 where more has to come first."""

    def take_plain(self, xml: bytes, /) -> bool:
        """Take what is all spelled as usual; False where something is not."""

    def feed(self, piece: bytes, /, *, last: bool = False) -> None:
        """Parse the next piece."""

    def taken(self) -> list[Gathered]:
        """What has ended since the last call."""


def gathered(
    pieces: Iterable[bytes], gatherer: Gatherer[Gathered], *, carefully: bool = False
) -> Iterator[Gathered]:
    """What is gathered from the pieces of a part, in order. Raises MarkupError.

    `carefully`: without the shorter way.
    """
    waiting = b""
    for piece in pieces:
        waiting += piece
        while cut := gatherer.cut(waiting):
            if carefully or not gatherer.take_plain(waiting[:cut]):
                gatherer.feed(waiting[:cut])
            waiting = waiting[cut:]
            yield from gatherer.taken()
    gatherer.feed(waiting, last=True)
    yield from gatherer.taken()


def _refuse_document_type(*_: Any) -> None:
    raise MarkupError("its XML has a document type, which no spreadsheet program writes")


def elements(pieces: Iterable[bytes]) -> Iterator[tuple[str, dict[str, str]]]:
    """The elements of a part in order: the path of local names from the root, and the attributes.

    An element of another namespace has `?` for its name. Raises MarkupError.
    """
    parser, path, found = Parser(), [""], list[tuple[str, dict[str, str]]]()

    def start(name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        known = namespace in _NAMESPACES or name in NAMES
        if len(path) > _DEEPEST:
            raise MarkupError("its XML is nested too deeply")
        path.append(f"{path[-1]}/{local if known else '?'}")
        found.append((path[-1][1:], attributes))

    parser.handle(start, lambda _: path.pop())
    for piece in pieces:
        parser.feed(piece)
        yield from found
        found.clear()
    parser.feed(b"", last=True)
    yield from found
