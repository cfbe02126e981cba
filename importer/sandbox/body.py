"""A request's body while it comes in: in parts, with a bound, and the name it begins with."""

from __future__ import annotations

import json
import re

from importer.sandbox.wire import Receive, Scope

_NAME_FIRST = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*"name"[ \t\r\n]*:[ \t\r\n]*"([A-Za-z0-9_]*)"')


MOST_BODY = 12 << 20
"""Bytes of a body: "the request body ... exceeds 12 MB" is 413."""


class Disconnected(Exception):
    """The peer left before the body was whole."""


class Body:
    """The bytes of one request."""

    def __init__(self, scope: Scope, receive: Receive, most: int) -> None:
        """`most`: bytes that are taken in, of a body that nobody has signed none."""
        self._receive = receive
        self._most = most
        self._bytes = bytearray()
        self._come = 0
        self._length = next(
            (int(value) for name, value in scope["headers"] if name == b"content-length" and value.isdigit()),
            None,
        )
        self.too_big = (self._length or 0) > most
        """Beyond the bound; no more is kept."""
        self._whole = (self._length or 0) > MOST_BODY  # what the header says is too much need not come

    async def whole(self) -> bytes:
        """Read the whole body. Raises Disconnected."""
        while await self._more():
            pass
        return bytes(self._bytes)

    async def half(self) -> None:
        """Wait for a part of it: half by Content-Length, else whatever comes first. Raises Disconnected."""
        while await self._more() and len(self._bytes) * 2 < (self._length or 0):
            pass

    async def name(self) -> str:
        """The field `name`; read no further than needed where it comes first. Raises Disconnected."""
        while (match := _NAME_FIRST.match(self._bytes)) is None and await self._more():
            pass
        return match[1].decode() if match else _name_anywhere(await self.whole())

    async def _more(self) -> bool:
        """Take in the next part; False where there is none."""
        if self._whole:
            return False
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        part = message.get("body", b"")
        self._come += len(part)
        self.too_big = self.too_big or self._come > self._most
        if self.too_big:
            self._bytes.clear()
        else:
            self._bytes += part
        # A peer that is still sending would not read an answer; one that never ends is cut off.
        self._whole = not message.get("more_body", False) or self._come > MOST_BODY
        return True


def _name_anywhere(body: bytes) -> str:
    try:
        name = json.loads(body)["name"]
    except (ValueError, TypeError, LookupError, RecursionError):
        return ""
    return name if isinstance(name, str) else ""
