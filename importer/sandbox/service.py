"""The calls of the service, over FastAPI: what each answers, field by field as its page shows it.

Bodies are read by `page`, not by the framework, so that what it tolerates is not tolerated here; whatever the
framework itself would answer (404, 405, 422, 500) is put into the service's own form.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse
from starlette.exceptions import HTTPException

from importer.errors import UsageError
from importer.sandbox import page
from importer.sandbox.answers import JSON, Answer, Refusal, compact, error, parameter, success
from importer.sandbox.document import route, whole
from importer.sandbox.gateway import PEOPLE, Gateway
from importer.sandbox.keys import DOMAIN, REGION, USER
from importer.sandbox.log import Log
from importer.sandbox.operations import OPERATIONS
from importer.sandbox.rules import TOKEN_ENDS, UNFILTERED, Rules
from importer.sandbox.signature import Received
from importer.sandbox.store import Store, Stored, unknown
from importer.sandbox.wire import Receive, Scope, Send, send_answer

DEFAULT_LIMIT = 100
"""List: "limit ... default value 100", and 0 for all."""
SHORT = 3
"""Connections in a page of a list that is cut short."""
_TOKEN_SECONDS = 24 * 3600


class Service:
    """The application behind the gateway; an ASGI callable."""

    def __init__(self, store: Store, gateway: Gateway, rules: Rules, log: Log) -> None:
        self._store = store
        self._keys = store.keys
        self._gateway = gateway
        self._rules = rules
        self._log = log
        self._later: dict[str, tuple[str, float]] = {}
        """Connections that reads do not show whole yet: why, and until when."""
        self._app = self._build()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request whose body, ids and request id are in `scope["state"]`."""
        state = scope["state"]
        if state["twist"] is not None and state["twist"].kind == TOKEN_ENDS:
            self._gateway.end_token(scope["headers"])
            state["twist"] = None
        body = state["body"]
        request = None if body is None else _received(scope, body)
        if not state["open"] or (scope["path"] in PEOPLE and request is not None):
            try:
                if state["open"] and request is not None:
                    self._gateway.authenticate(request)
                else:
                    self._gateway.admit(state["call"], request)
            except Refusal as refusal:
                retry = (("retry-after", "1"),) if refusal.status == 429 else ()
                await send_answer(send, error(refusal, state["request_id"], retry))
                return
        await self._app(scope, receive, send)

    def _build(self) -> FastAPI:
        app = FastAPI(openapi_url=None, redirect_slashes=False)
        handlers = {
            "create": self.create, "list": self.list_all, "show": self.show, "update": self.update,
            "delete": self.delete, "associate": self.associate, "disassociate": self.disassociate,
            "tokens": self.tokens, "projects": self.projects,
        }  # fmt: skip
        for operation in OPERATIONS:
            app.add_api_route(
                operation.path,
                handlers[operation.name],
                methods=[operation.method],
                **route(operation.name, self._keys.project_id),
            )
        app.add_api_route("/sandbox/log", self._arrivals, include_in_schema=False)
        app.add_api_route("/sandbox/faults", self._replace, methods=["PUT"], include_in_schema=False)
        app.add_api_route("/sandbox/connections", self._truth, include_in_schema=False)
        described = compact(whole(app))
        app.add_api_route("/openapi.json", lambda: _response(Answer(200, described)), include_in_schema=False)
        app.add_exception_handler(Refusal, _refused)
        app.add_exception_handler(HTTPException, _no_route)
        app.add_exception_handler(Exception, _failed)
        return app

    # -- connections

    async def create(self, request: Request) -> Response:
        """Create a connection."""
        wanted = page.read_create(_json_body(request))
        new = self._store.create(wanted, twin=request.state.twin)
        if request.state.twist is not None:
            self._later[new] = (request.state.twist.kind, time.monotonic() + request.state.twist.seconds)
        return _response(success(201, connection_id=new))

    async def list_all(self, request: Request) -> Response:
        """List connections, each with all its hosts."""
        query = _query(request, ("limit", "offset", "status", "name", "tags"))
        status = query.get("status")
        if status is not None and status.upper() not in ("ACTIVE", "DELETED"):
            raise parameter("status: must be ACTIVE or DELETED")
        twist = _twist(request)
        limit, offset = _number(query, "limit", DEFAULT_LIMIT), _number(query, "offset", 0)
        if twist == "short-pages":
            limit = min(limit or SHORT, SHORT)
        start = {"page-numbers": offset * limit, "same-page": 0}.get(twist, offset)
        found = self._store.connections(
            name=query.get("name") if twist not in UNFILTERED else None,
            status=status.upper() if status and twist not in UNFILTERED else None,
            tags=_wanted_tags(query["tags"]) if "tags" in query else None,
        )
        seen = [it for it in found if self._kept_back(it.id) != "unseen" and twist != "stale"]
        found = seen[start : start + limit if limit else None]
        return StreamingResponse(self._listed(found), media_type=JSON)

    async def show(self, request: Request) -> Response:
        """Show a connection, a deleted one too."""
        twist = _twist(request)
        stored = self._store.find(_id(request))
        if stored is not None and twist == "edited":
            self._store.edit(stored.id)
        if stored is None or twist == "stale" or self._kept_back(stored.id) == "unseen":
            raise unknown(_id(request))
        fields = {"is_success": True, "message": ""} | self._fields(stored)
        answer = Response(self._with_hosts(fields, stored.id), media_type=JSON)
        if twist == "edited-after":
            self._store.edit(stored.id)
        return answer

    async def update(self, request: Request) -> Response:
        """Overwrite all hosts of a connection."""
        hosts, twist = page.read_update(_json_body(request)), _twist(request)
        if twist == "edited":
            self._store.edit(_id(request))
        self._store.update(_id(request), hosts[: len(hosts) // 2] if twist == "half" else hosts)
        if twist == "half":
            raise Refusal("DLI.0999", "An internal error occurred.", status=500)
        if twist == "edited-after":
            self._store.edit(_id(request))
        return _response(success())

    async def delete(self, request: Request) -> Response:
        """Delete a connection: it stays, with the status DELETED."""
        self._store.delete(_id(request))
        return _response(success(message="Deleted"))

    async def associate(self, request: Request) -> Response:
        """Bind pools and queues."""
        self._store.associate(_id(request), page.read_names(_json_body(request)))
        return _response(success())

    async def disassociate(self, request: Request) -> Response:
        """Unbind pools and queues."""
        self._store.disassociate(_id(request), page.read_names(_json_body(request)))
        return _response(success())

    # -- IAM

    async def tokens(self, request: Request) -> Response:
        """Issue a token for a password ("Obtaining a User Token Through Password Authentication")."""
        try:
            body = page.read_object(_json_body(request))
            identity, scope = body["auth"]["identity"], body["auth"].get("scope", {})
            methods, user = identity["methods"], identity["password"]["user"]
            given = (user["name"], user["password"], user["domain"]["name"])
            project = scope.get("project", {})
            wanted = (project.get("id", self._keys.project_id), project.get("name", REGION))
        except (Refusal, LookupError, TypeError, AttributeError):
            raise Refusal("IAM", "The request body is malformed.", status=400) from None
        right = methods == ["password"] and given == (USER, self._keys.password, DOMAIN)
        if not right or wanted != (self._keys.project_id, REGION):
            raise Refusal("IAM", "The username or password is wrong.")
        now = time.time()
        issued, expires = (
            time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(moment))
            for moment in (now, now + _TOKEN_SECONDS)
        )
        domain = {"id": self._keys.domain_id, "name": DOMAIN}
        token = {
            "methods": ["password"], "issued_at": issued, "expires_at": expires,
            "user": {"name": USER, "domain": domain},
            "project": {"id": self._keys.project_id, "name": REGION, "domain": domain},
        }  # fmt: skip
        headers = {"X-Subject-Token": self._gateway.tokens.issue()}
        return Response(compact({"token": token}), 201, headers, JSON)

    async def projects(self, request: Request) -> Response:
        """The projects, or the one of a name ("Querying a Project List")."""
        project = {
            "id": self._keys.project_id, "name": REGION, "domain_id": self._keys.domain_id, "enabled": True,
            "is_domain": False, "parent_id": self._keys.domain_id, "description": "",
        }  # fmt: skip
        name = _query(request, ("name",)).get("name", REGION)
        return _response(Answer(200, compact({"projects": [project] if name == REGION else []})))

    # -- for people and tests

    def _arrivals(self) -> Response:
        return _response(Answer(200, compact(self._log.arrivals())))

    async def _replace(self, request: Request) -> Response:
        try:
            texts = json.loads(request.state.body or b"")
            if not (isinstance(texts, list) and all(isinstance(text, str) for text in texts)):
                raise ValueError
            self._rules.replace(texts)
        except ValueError:
            raise parameter("a list of rules is wanted") from None
        except UsageError as wrong:
            raise parameter(str(wrong)) from None
        return _response(Answer(200, compact(texts)))

    def _truth(self) -> Response:
        """In a thread of its own: the first digest of many hosts takes a while."""
        return _response(
            Answer(
                200,
                compact(
                    [
                        {"id": it.id, "name": it.name, "status": it.status, "hosts_count": it.hosts_count,
                         "sha256": self._store.sha256(it.id)}
                        for it in self._store.connections()
                    ]
                ),
            )
        )  # fmt: skip

    # -- inside

    def _fields(self, stored: Stored) -> dict[str, Any]:
        """The fields of show and list, hosts aside; tags and route table are in neither."""
        peerings = [peer._asdict() for peer in self._store.peerings(stored.id)]
        of_kind: dict[str, list[Any]] = {"available_queue_info": [], "elastic_resource_pools": []}
        for peer in peerings:
            of_kind[peer.pop("kind")].append(peer)
        return {
            "id": stored.id, "name": stored.name, "status": stored.status, **of_kind,
            "dest_vpc_id": stored.dest_vpc_id, "dest_network_id": stored.dest_network_id,
            "create_time": stored.create_time, "ipv6_enable": False,
        }  # fmt: skip

    def _with_hosts(self, fields: dict[str, Any], connection_id: str) -> bytes:
        """The object with `hosts` spliced in as the stored text: 20,000 objects are not made again."""
        if self._kept_back(connection_id):
            return compact(fields | {"hosts": [], "elastic_resource_pools": [], "available_queue_info": []})
        return compact(fields)[:-1] + b',"hosts":' + self._store.hosts_text(connection_id).encode() + b"}"

    def _kept_back(self, connection_id: str) -> str:
        """The fault that keeps back, at this time, what reads show of a connection; empty if none does."""
        kind, until = self._later.get(connection_id, ("", 0.0))
        return kind if time.monotonic() < until else ""

    async def _listed(self, found: list[Stored]) -> AsyncIterator[bytes]:
        """One connection at a time, for 200 of them may weigh 200 MB."""
        yield b'{"is_success":true,"message":"","count":%d,"connections":[' % len(found)
        for index, stored in enumerate(found):
            item = self._with_hosts(self._fields(stored) | {"isPrivis": True}, stored.id)
            yield b"," + item if index else item
        yield b"]}"


def _received(scope: Scope, body: bytes) -> Received:
    return Received(scope["method"], scope["raw_path"], scope["query_string"], scope["headers"], body)


def _id(request: Request) -> str:
    return str(request.path_params["connection_id"])


def _twist(request: Request) -> str:
    """The kind of the fault that changes what the service does; empty if none does."""
    return request.state.twist.kind if request.state.twist else ""


def _json_body(request: Request) -> bytes:
    """The body, which must be said to be JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise parameter(f"Content-Type: must be {JSON}")
    body: bytes = request.state.body
    return body


def _query(request: Request, known: tuple[str, ...]) -> dict[str, str]:
    """The parameters that are known, each at most once; others mean nothing."""
    pairs = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    query: dict[str, str] = {}
    for key, value in pairs:
        if key in known and key in query:
            raise parameter(f"{key}: is given more than once")
        query[key] = value
    return query


def _number(query: dict[str, str], key: str, default: int) -> int:
    text = query.get(key, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise parameter(f"{key}: must be a number from 0")
    return int(text)


def _wanted_tags(text: str) -> dict[str, str]:
    """`k=v,k2=v2`."""
    tags = {}
    for pair in text.split(","):
        key, sign, value = pair.partition("=")
        if not sign or not key:
            raise parameter("tags: must be key=value, and commas between several")
        tags[key] = value
    return tags


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, dict(answer.headers), answer.content_type)


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return _response(error(refusal, request.state.request_id))


async def _no_route(request: Request, _error: Exception) -> Response:
    refusal = Refusal("APIGW.0101", "The API does not exist or has not been published in the environment")
    return _response(error(refusal, request.state.request_id))


async def _failed(request: Request, failure: Exception) -> Response:
    """A fault of the sandbox itself: named, for those who test against it."""
    refusal = Refusal("DLI.0999", f"internal: {type(failure).__name__}: {failure}", status=500)
    return _response(error(refusal, request.state.request_id))
