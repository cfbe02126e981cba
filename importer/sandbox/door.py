"""The outermost layer: notes each arrival, names each answer (X-Request-Id), and lets faults strike."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any
from urllib.parse import parse_qs

from importer.sandbox.answers import Refusal, error
from importer.sandbox.body import Body, Disconnected
from importer.sandbox.faults import Struck, strike
from importer.sandbox.gateway import DOCUMENT, PEOPLE, Gateway
from importer.sandbox.log import Arrival, Log, plain
from importer.sandbox.operations import Call, find
from importer.sandbox.rules import Rules
from importer.sandbox.store import Store
from importer.sandbox.wire import App, Message, Receive, Scope, Send, reset, send_answer


class Door:
    """An ASGI application around the service's own."""

    def __init__(self, app: App, gateway: Gateway, store: Store, rules: Rules, log: Log) -> None:
        self._app = app
        self._gateway = gateway
        self._store = store
        self._rules = rules
        self._log = log
        self._waiting: set[asyncio.Task[Any]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; the service finds its body and ids in `scope["state"]`."""
        if scope["type"] != "http":
            return
        request_id = uuid.uuid4().hex
        call = find(scope["method"], scope["path"])
        opened = scope["path"] in (DOCUMENT, *PEOPLE)
        arrival = Arrival(0, "", "") if opened else self._log.arrived(scope["method"], scope["path"])
        send = _stamped(send, request_id, arrival)
        refusal, most = None, 0
        try:
            most = self._gateway.most_of(call, scope["path"], scope["headers"])
        except Refusal as found:
            refusal = found
        body = Body(scope, receive, most)
        scope["state"] = {
            "call": call,
            "request_id": request_id,
            "open": opened,
            "twin": False,
            "twist": None,
        }
        try:
            if refusal is None:
                await self._serve(scope, receive, send, body, arrival)
            else:  # nothing of the body is kept, and no fault strikes
                await body.whole()
                await send_answer(send, error(refusal, request_id))
        except Disconnected:
            return
        finally:
            scope["state"]["body"] = None  # the framework's objects point at each other, and a body is 1 MB

    async def _serve(self, scope: Scope, receive: Receive, send: Send, body: Body, arrival: Arrival) -> None:
        state, call = scope["state"], scope["state"]["call"]

        async def name() -> str:
            arrival.name = arrival.name or plain(await self._name(call, scope, body))
            return arrival.name

        fault = await self._rules.choose(call.operation.op, name) if call else None
        arrival.fault = fault.kind if fault else None
        if fault and fault.kind in ("reset-before", "reset-during"):
            if fault.kind == "reset-during":
                await body.half()
            await reset(scope, receive)
            return
        whole = await body.whole()
        state["body"] = None if body.too_big else whole
        if call:
            await name()
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await strike(fault, Struck(self._app, scope, receive, send, arrival, self._waiting))

    async def _name(self, call: Call, scope: Scope, body: Body) -> str:
        """The connection's name: in the body of create, in the query of list, else of the id in the path."""
        if call.operation.name == "create":
            return await body.name()
        if call.operation.name == "list":
            query: bytes = scope["query_string"]
            return parse_qs(query.decode("latin-1")).get("name", [""])[0]
        found = self._store.find(call.connection_id)
        return found.name if found else ""


def _stamped(send: Send, request_id: str, arrival: Arrival) -> Send:
    async def stamped(message: Message) -> None:
        if message["type"] == "http.response.start":
            arrival.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
        await send(message)

    return stamped
