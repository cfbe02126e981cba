"""What is below HTTP: real resets, clean closes, and bytes that no framework would send.

The transport of each connection is put into the ASGI scope by a protocol of our own.
"""

from __future__ import annotations

import asyncio
import functools
import http
import os
import socket
import struct
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from importer.sandbox.answers import Answer, Refusal, error

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

TRANSPORT = "sandbox.transport"
_NO_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


class Protocol(H11Protocol):
    """HTTP/1.1 whose scope carries the transport."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.app = functools.partial(self._with_transport, self.app)

    def send_400_response(self, msg: str) -> None:
        """What is not HTTP gets the gateway's form of an answer too: 400 APIGW.0201."""
        request_id = uuid.uuid4().hex
        refusal = Refusal("APIGW.0201", f"Bad request: {msg}", status=400)
        self.transport.write(raw(error(refusal, request_id), request_id))
        self.transport.close()

    async def _with_transport(self, app: Any, scope: Any, receive: Any, send: Any) -> None:
        scope.setdefault("extensions", {})[TRANSPORT] = self.transport
        await app(scope, receive, send)


def transport(scope: Scope) -> asyncio.Transport:
    """The transport of the connection that a request came over."""
    found: asyncio.Transport = scope["extensions"][TRANSPORT]
    return found


def raw(answer: Answer, request_id: str) -> bytes:
    """An answer as the bytes of HTTP/1.1, written by hand."""
    phrase = http.HTTPStatus(answer.status).phrase
    head = (
        f"HTTP/1.1 {answer.status} {phrase}\r\ncontent-type: {answer.content_type}\r\n"
        f"content-length: {len(answer.body)}\r\nx-request-id: {request_id}\r\n\r\n"
    )
    return head.encode() + answer.body


def interim(scope: Scope) -> None:
    """Interim answers; the one that counts comes behind them."""
    transport(scope).write(
        b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
    )


async def reset(scope: Scope, receive: Receive) -> None:
    """Reset the connection: the peer gets RST, whatever was on its way is lost."""
    under = transport(scope)
    under.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    under.abort()
    await gone(receive)


async def close(scope: Scope, receive: Receive, rest: bytes = b"") -> None:
    """Send these bytes as they are, then close in order (FIN)."""
    under = transport(scope)
    under.write(rest)
    under.close()
    await gone(receive)


async def drip(scope: Scope, receive: Receive, whole: bytes, seconds: float) -> None:
    """Send a byte at a time, evenly over `seconds`, then close; stop when the client has gone."""
    under = transport(scope)
    for byte in whole:
        if under.is_closing():
            break
        under.write(bytes((byte,)))
        await asyncio.sleep(seconds / len(whole))
    await close(scope, receive)


async def hang(scope: Scope, receive: Receive, seconds: float) -> None:
    """Send nothing until the client leaves or `seconds` have passed, then close."""
    try:
        await asyncio.wait_for(gone(receive), seconds)
    except TimeoutError:
        await close(scope, receive)


async def gone(receive: Receive) -> None:
    """Wait until the connection has ended."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_answer(send: Send, answer: Answer) -> None:
    """An answer as ASGI messages."""
    headers = [
        (b"content-type", answer.content_type.encode()),
        (b"content-length", str(len(answer.body)).encode()),
        *((name.encode(), value.encode()) for name, value in answer.headers),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
