"""A stream of bytes whose beginning can be looked at before it is read."""

from __future__ import annotations

from collections.abc import Callable


class PeekStream:
    """Bytes from a function that reads up to so many of them, and returns none at the end."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._head = b""
        self._ended = False

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, fewer only at the end; reading still starts before them."""
        parts, have = [self._head], len(self._head)
        while have < size and not self._ended:
            part = self._read(size - have)
            self._ended = not part
            parts.append(part)
            have += len(part)
        self._head = b"".join(parts)
        return self._head[:size]

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; empty only at the end."""
        if self._head:
            part, self._head = self._head[:size], self._head[size:]
            return part
        if self._ended:
            return b""
        part = self._read(size)
        self._ended = not part
        self._head = part[size:]  # a decoder may return more than was asked for
        return part[:size]
