"""One HTTP call, what came back, or how far it came: plain values, without the library that makes calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import NamedTuple


class Call(NamedTuple):
    """A request; `url` is whole, its query encoded."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""

    def __repr__(self) -> str:
        """Without headers and body: they hold what nobody else should see."""
        return f"Call({self.method} {self.url})"


class Answer(NamedTuple):
    """What the server said. `headers` takes names in any case; `complete`: the body can be read as it is."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    complete: bool
    remark: str = ""
    """What else is known of it, for people; nothing that the server chose."""

    @property
    def request_id(self) -> str:
        """The id under which the service's support finds this call; at most 64 plain characters."""
        text = self.headers.get("X-Request-Id", "")
        return text if len(text) <= 64 and text.isascii() and text.isprintable() else ""


class Phase(Enum):
    """The point at which a call failed."""

    CONNECT = "connect"
    """There was no connection: nothing was sent."""
    TLS = "tls"
    """The server is not who it should be, or a proxy lets nobody through: nothing was sent, nor can be."""
    AFTER = "after"
    """There was a connection: the server may have done what was asked."""
    ENDED = "ended"
    """The server no longer took the token, and there is a new one now: nothing was done."""


class Failure(NamedTuple):
    """A call without an answer. `text` holds nothing that the server chose."""

    phase: Phase
    text: str


Send = Callable[[Call], Answer | Failure]
