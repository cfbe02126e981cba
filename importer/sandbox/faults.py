"""What each fault does: to the store (nothing, the change, the change later) and to the wire."""

from __future__ import annotations

import asyncio
import email.utils
import json
import math
import time
from typing import Any, NamedTuple

from importer.sandbox.answers import Answer, Refusal, compact, error
from importer.sandbox.log import Arrival
from importer.sandbox.rules import TWISTS, Fault
from importer.sandbox.wire import (
    App,
    Message,
    Receive,
    Scope,
    Send,
    close,
    drip,
    hang,
    interim,
    raw,
    reset,
    send_answer,
)

_HTML = b"<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n"
_NESTED = b"[" * 100_000 + b"]" * 100_000
_MiB = b"x" * (1 << 20)
_HUGE_MIB = 100
_DISCARD_PORT = 9

_ERRORS = {
    "error-500": Refusal("DLI.0999", "An internal error occurred.", status=500),
    "error-502": Refusal("APIGW.0201", "Backend unavailable", status=502),
    "error-503": Refusal("APIGW.0201", "Backend unavailable", status=503),
    "error-504": Refusal("APIGW.0201", "Backend timeout", status=504),
    "server-error": Refusal("DLI.0999", "A server-side error occurred."),
    "timeout-error": Refusal("DLI.0019", "The task has timed out."),
    "throttle": Refusal("APIGW.0308", "The throttling threshold has been reached"),
}
_ERRORS |= {
    "throttle-date": _ERRORS["throttle"],
    "throttle-bare": _ERRORS["throttle"],
    "unavailable": _ERRORS["error-503"],
    "throttle-reads": Refusal("APIGW.0308", "The throttling threshold has been reached", status=403),
    "late-commit": _ERRORS["error-504"],
    "commit-500": _ERRORS["error-500"],
    "commit-502": _ERRORS["error-502"],
    "commit-504": _ERRORS["error-504"],
    "commit-server-error": _ERRORS["server-error"],
}


class Struck(NamedTuple):
    """A request that meets a fault, and the means to answer it."""

    app: App
    scope: Scope
    receive: Receive
    send: Send
    arrival: Arrival
    waiting: set[asyncio.Task[Any]]
    """Keeps tasks that act later."""


async def strike(fault: Fault, struck: Struck) -> None:
    """Do what the fault says. A change that the service refuses is answered as without a fault."""
    kind = fault.kind
    if kind.startswith("late-"):
        kept = {**struck.scope, "state": dict(struck.scope["state"])}
        task = asyncio.create_task(_later(fault.seconds, struck._replace(scope=kept)))
        struck.waiting.add(task)
        task.add_done_callback(struck.waiting.discard)
    if kind == "twin" or kind == "interim" or kind in TWISTS:
        struck.scope["state"]["twin"] = kind == "twin"
        if kind in TWISTS:
            struck.scope["state"]["twist"] = fault
        if kind == "interim":
            interim(struck.scope)
        await struck.app(struck.scope, struck.receive, struck.send)
    elif kind == "cut" or kind.startswith("commit-"):
        answer = await _answer(struck)
        if answer.status < 300:
            await _damage(fault, struck, answer)
        else:
            struck.arrival.fault = None
            await send_answer(struck.send, answer)
    elif kind in ("reset-after", "late-reset"):
        await reset(struck.scope, struck.receive)
    elif kind == "close-after":
        await close(struck.scope, struck.receive)
    elif kind == "hang":
        await hang(struck.scope, struck.receive, fault.seconds)
    elif kind == "huge":
        await _huge(struck.send)
    else:
        await send_answer(struck.send, _instead(fault, struck))


async def _damage(fault: Fault, struck: Struck, answer: Answer) -> None:
    """The change is made; spoil the answer about it."""
    kind, scope, receive = fault.kind, struck.scope, struck.receive
    if kind == "commit-hang":
        await hang(scope, receive, fault.seconds)
    elif kind == "commit-reset":
        await reset(scope, receive)
    elif kind == "commit-close":
        await close(scope, receive)
    elif kind in ("cut", "commit-cut", "commit-cut-head", "commit-drip"):
        whole = raw(answer, scope["state"]["request_id"])
        struck.arrival.status = answer.status
        if kind == "commit-drip":
            await drip(scope, receive, whole, fault.seconds)
        else:
            head = len(whole) - len(answer.body)
            end = head // 2 if kind == "commit-cut-head" else head + len(answer.body) // 2
            await close(scope, receive, whole[:end])
    elif kind in _ERRORS:
        await send_answer(struck.send, _instead(fault, struck))
    elif kind == "commit-garbage":
        await send_answer(struck.send, Answer(answer.status, _HTML, content_type="text/html"))
    else:  # commit-no-id, commit-false
        fields = json.loads(answer.body)
        fields.pop("connection_id", None)
        if kind == "commit-false":
            fields |= {"is_success": False, "message": "The connection could not be created."}
        await send_answer(struck.send, Answer(answer.status, compact(fields)))


def _instead(fault: Fault, struck: Struck) -> Answer:
    """The answers that need no work."""
    kind = fault.kind
    done = 201 if struck.scope["method"] == "POST" else 200
    request_id = struck.scope["state"]["request_id"]
    if kind in _ERRORS:
        return error(_ERRORS[kind], request_id, _retry_after(fault))
    if kind == "echo":
        return error(Refusal("APIGW.0301", f"Incorrect: {_proof(struck.scope)}"), request_id)
    if kind == "redirect":
        place = f"http://127.0.0.1:{_DISCARD_PORT}{struck.scope['raw_path'].decode('latin-1')}"
        return Answer(307, b"", (("location", place),))
    if kind == "false-success":
        return Answer(done, compact({"is_success": False, "message": "The connection could not be created."}))
    if kind == "empty-success":
        return Answer(done, b"")
    if kind == "nested":
        return Answer(200, _NESTED)
    return Answer(200, _HTML, content_type="text/html")


def _proof(scope: Scope) -> str:
    """The header fields of a call that prove who made it, as they came."""
    names = (b"authorization", b"x-auth-token", b"x-security-token")
    return " ".join(value.decode("latin-1") for name, value in scope["headers"] if name in names)


def _retry_after(fault: Fault) -> tuple[tuple[str, str], ...]:
    """Whole seconds, or a date that is not sooner."""
    if fault.kind in ("throttle", "unavailable", "throttle-reads"):
        return (("retry-after", str(math.ceil(fault.seconds))),)
    if fault.kind == "throttle-date":
        date = email.utils.formatdate(math.ceil(time.time() + fault.seconds), usegmt=True)
        return (("retry-after", date),)
    return ()


async def _answer(struck: Struck) -> Answer:
    """What the service answers, kept back from the wire."""
    status, parts, kind = 500, [], "application/json"

    async def keep(message: Message) -> None:
        nonlocal status, kind
        if message["type"] == "http.response.start":
            status = message["status"]
            kind = dict(message["headers"]).get(b"content-type", b"application/json").decode()
        else:
            parts.append(message.get("body", b""))

    await struck.app(struck.scope, _still, keep)
    return Answer(status, b"".join(parts), content_type=kind)


async def _later(seconds: float, struck: Struck) -> None:
    await asyncio.sleep(seconds)
    await _answer(struck)


async def _still() -> Message:
    """A client that neither sends nor leaves, for a request whose body is here already."""
    await asyncio.Event().wait()
    raise AssertionError


async def _huge(send: Send) -> None:
    """100 MiB of a message, a MiB at a time."""
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"is_success":true,"message":"', "more_body": True})
    for _ in range(_HUGE_MIB):
        await send({"type": "http.response.body", "body": _MiB, "more_body": True})
    await send({"type": "http.response.body", "body": b'"}'})
