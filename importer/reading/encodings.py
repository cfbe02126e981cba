"""From bytes in any encoding to a stream of UTF-8; bytes that cannot be decoded stay as they are."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import NamedTuple

from importer.errors import InputError, UsageError
from importer.language import said
from importer.reading.options import ReadOptions
from importer.reading.streams import PeekStream
from importer.reading.unknown import refuse_binary

_MARKS_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SECOND_MARK = " behind a second byte-order mark"


def utf16_without_bom(head: bytes) -> str | None:
    """The codec of text whose every other byte is NUL, as UTF-16 of ASCII is; else None."""
    even, odd = head[0::2], head[1::2]
    if len(odd) < 2 or b"\0" not in head:
        return None
    for name, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros.count(0) >= 0.7 * len(zeros) and others.count(0) <= 0.05 * len(others):
            return name
    return None


class Decoded(NamedTuple):
    """A text as UTF-8."""

    encoding: str
    """The encoding of the file, for the report."""
    stream: PeekStream
    announced: str = ""
    """How it was read, where the report must tell that: what neither a byte-order mark nor the user says."""


def decoded(stream: PeekStream, options: ReadOptions) -> Decoded:
    """The text of a stream, as UTF-8.

    `--encoding` decides, else a byte-order mark; ASCII with NULs in between is UTF-16. Anything else is
    passed on as it is. A second byte-order mark is passed over. Raises InputError and UsageError, later too:
    where a part of the text is in another encoding than its beginning.
    """
    head = stream.peek(4096)
    if options.encoding:
        codec = _codec(options.encoding)
        if codec == "utf-8":
            return _behind_marks(stream)
        return Decoded(codec, transcoded(stream, codec))
    if head.startswith(codecs.BOM_UTF8):
        return _behind_marks(stream, _all_in_utf8)
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise InputError("is UTF-32", hint="read it with --encoding utf-32, or save it as UTF-8")
    if head.startswith(_MARKS_16):
        text = transcoded(_all_in_utf16(stream), "utf-16")
        return Decoded("utf-16", text, "utf-16" + SECOND_MARK if head[:2] == head[2:4] else "")
    guess = utf16_without_bom(head)
    if guess is not None:
        return Decoded("utf-16", transcoded(_all_in_utf16(stream), guess), "utf-16")
    refuse_binary(head)  # such a file may have texts in UTF-16 among its bytes
    return Decoded("utf-8", _all_in_utf8(stream))


def _behind_marks(
    stream: PeekStream, watched: Callable[[PeekStream], PeekStream] = lambda stream: stream
) -> Decoded:
    """A text in UTF-8 without its byte-order mark, or marks: joined files may have two."""
    mark, marks = codecs.BOM_UTF8, 0
    while stream.peek(len(mark)) == mark:
        stream.read(len(mark))
        marks += 1
    return Decoded("utf-8", watched(stream), "utf-8" + SECOND_MARK if marks > 1 else "")


def _codec(name: str) -> str:
    try:
        codec = codecs.lookup(name)
        if codec._is_text_encoding and codec.incrementaldecoder is not None:
            return codec.name
    except (LookupError, ValueError):
        pass
    raise UsageError(
        said("--encoding {name!r} is not a text encoding that Python knows", name=name),
        hint="for example utf-8, gb18030, cp1252, utf-16-le",
    )


def transcoded(stream: PeekStream, codec: str) -> PeekStream:
    """The same text as UTF-8. A byte above 127 that cannot be decoded stays as it is."""
    codecs.register_error("dli-hosts-keep", _keep_byte)
    decoder = codecs.getincrementaldecoder(codec)("dli-hosts-keep")
    started = False

    def read(size: int) -> bytes:
        nonlocal started
        while True:
            part = stream.read(max(size // 2, 64))
            try:
                text = decoder.decode(part, final=not part)
                if text and not started:
                    started = True
                    text = text.lstrip("\ufeff")
                encoded = text.encode("utf-8", "surrogateescape")
            except UnicodeError as error:
                raise InputError(
                    said("cannot be read as {codec}: {error}", codec=codec, error=error),
                    hint="name another --encoding, or none",
                ) from None
            if encoded or not part:
                return encoded

    return PeekStream(read)


def _keep_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    broken = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + b) if b >= 0x80 else "\ufffd" for b in broken), error.end


# --- a text of which only a part is UTF-16 --------------------------------------------------------

_ASCII_IN_UTF16_LE = re.compile(rb"(?:[\t\n\r -~]\0){8}")
_ASCII_IN_UTF16_BE = re.compile(rb"(?:\0[\t\n\r -~]){8}")
"""A NUL alone is a stray character of a name; eight of them in a row with ASCII between them are a text."""
_HOST_IN_ASCII = re.compile(rb"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}[ \t,;][0-9A-Za-z]")
"""The end of an address and the beginning of a name: as UTF-16 these would be rare Chinese characters."""
_WINDOW = 16
_MOST_TRIED = 1 << 16


def _all_in_utf8(stream: PeekStream) -> PeekStream:
    """The same stream; it raises InputError where its first NUL belongs to text in UTF-16.

    PowerShell's `>>` appends UTF-16 to a file of any encoding.
    """
    before, last, watching = 0, b"", True

    def read(size: int) -> bytes:
        nonlocal before, last, watching
        part = stream.read(size)
        if watching:
            if 0 in part:
                watching = False
                _refuse_utf16(before - len(last), last + part, stream)
            before += len(part)
            last = part[-1:]
        return part

    return PeekStream(read)


def _refuse_utf16(before: int, data: bytes, stream: PeekStream) -> None:
    """Raise InputError where the first NUL of some data belongs to text in UTF-16.

    `before` counts the bytes of the file in front of the data; the stream has those behind it.
    """
    nul = data.index(0)
    data += stream.peek(_MOST_TRIED)
    starts = []
    if _ASCII_IN_UTF16_BE.match(data, nul):
        starts.append((nul - 2 * data[:nul].endswith(codecs.BOM_UTF16_BE), "utf-16-be"))
    if nul and _ASCII_IN_UTF16_LE.match(data, nul - 1):
        starts.append((data.rfind(b"\n", 0, nul - 1) + 1, "utf-16-le"))
    if not starts:
        return
    # Text in one byte order looks like the other, one byte later; then an odd number of bytes is left.
    sure = [(start, codec) for start, codec in starts if _is_ascii(data[start:], codec)]
    start, codec = (sure or starts)[-1]
    hint = said(
        "say --encoding {codec} if all of it is UTF-16, else write all of it in one encoding", codec=codec
    )
    at = before + start
    if sure and start and len(data) - start < _MOST_TRIED:
        name = "UTF-16" if data.startswith(_MARKS_16, start) else codec.upper().replace("-16-", "-16")
        tail = f"tail -c +{at + 1} FILE | iconv -f {name} -t UTF-8"
        hint += f", for example: {{ head -c {at} FILE; {tail}; }} > NEW"
    raise InputError(said("part of this file is UTF-16, from byte {at:,} on", at=at + 1), hint=hint)


def _is_ascii(data: bytes, codec: str) -> bool:
    try:
        return data.decode(codec).removeprefix("\ufeff").isascii()
    except UnicodeDecodeError:
        return False


def _all_in_utf16(stream: PeekStream) -> PeekStream:
    """The same stream of UTF-16; it raises InputError where a part of it is ASCII."""
    before = b""

    def read(size: int) -> bytes:
        nonlocal before
        part = stream.read(size)
        if _HOST_IN_ASCII.search(before + part):
            raise InputError(
                "only a part of this file is UTF-16: there are lines of ASCII, too",
                hint="write all of it in one encoding, for example UTF-8",
            )
        before = part[-_WINDOW:]
        return part

    return PeekStream(read)
