"""From bytes in any encoding to a stream of UTF-8; bytes that cannot be decoded stay as they are."""

from __future__ import annotations

import codecs
from typing import NamedTuple

from importer.errors import InputError, UsageError
from importer.reading.options import ReadOptions
from importer.reading.streams import PeekStream


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
    guessed: bool = False
    """Whether neither a byte-order mark nor the user says so."""


def decoded(stream: PeekStream, options: ReadOptions) -> Decoded:
    """The text of a stream, as UTF-8.

    `--encoding` decides, else a byte-order mark; ASCII with NULs in between is UTF-16. Anything else is
    passed on as it is. Raises InputError and UsageError.
    """
    head = stream.peek(4096)
    if options.encoding:
        codec = _codec(options.encoding)
        if codec == "utf-8":
            _skip_bom(stream, head)
            return Decoded("utf-8", stream)
        return Decoded(codec, transcoded(stream, codec))
    if head.startswith(codecs.BOM_UTF8):
        _skip_bom(stream, head)
        return Decoded("utf-8", stream)
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise InputError("is UTF-32", hint="read it with --encoding utf-32, or save it as UTF-8")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Decoded("utf-16", transcoded(stream, "utf-16"))
    guess = utf16_without_bom(head)
    if guess is not None:
        return Decoded("utf-16", transcoded(stream, guess), guessed=True)
    return Decoded("utf-8", stream)


def _skip_bom(stream: PeekStream, head: bytes) -> None:
    if head.startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))


def _codec(name: str) -> str:
    try:
        codec = codecs.lookup(name)
        if codec._is_text_encoding and codec.incrementaldecoder is not None:
            return codec.name
    except (LookupError, ValueError):
        pass
    raise UsageError(
        f"--encoding {name!r} is not a text encoding that Python knows",
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
                    text = text.removeprefix("\ufeff")
                encoded = text.encode("utf-8", "surrogateescape")
            except UnicodeError as error:
                raise InputError(
                    f"cannot be read as {codec}: {error}", hint="name another --encoding, or none"
                ) from None
            if encoded or not part:
                return encoded

    return PeekStream(read)


def _keep_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    broken = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + b) if b >= 0x80 else "\ufffd" for b in broken), error.end
