"""A sandbox for a test, and a client for it that hides nothing: plain http.client and plain sockets."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import json
import socket
import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

from importer.sandbox.serve import Running, start

JSON = "application/json"
TIMEOUT = 20
"""Seconds after which a test fails rather than waits on."""


class Reply(NamedTuple):
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    def json(self) -> Any:
        """The body, which must be said to be JSON."""
        assert self.headers["content-type"] == JSON
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The error code."""
        code: str = self.json()["error_code"]
        return code


class Client:
    """Calls one sandbox with its token."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.address = urlsplit(running.endpoint).netloc
        self.base = f"/v2.0/{running.project_id}/datasource/enhanced-connections"

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """One request over a connection of its own; a body that is not bytes is sent as JSON."""
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        with contextlib.closing(http.client.HTTPConnection(self.address, timeout=TIMEOUT)) as connection:
            connection.request(method, path, sent, self.headers() if headers is None else dict(headers))
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, found, answer.read())

    def headers(self) -> dict[str, str]:
        """Content type and token."""
        return {"Content-Type": JSON, "X-Auth-Token": self.running.token}

    def post(self, **fields: Any) -> Reply:
        """A create call: `wanted` with these fields."""
        return self.call("POST", self.base, wanted(**fields))

    def create(self, **fields: Any) -> str:
        """A connection; its id."""
        reply = self.post(**fields)
        assert reply.status == 201, reply
        return str(reply.json()["connection_id"])

    def show(self, connection_id: str) -> Any:
        """What is shown of a connection."""
        return self.call("GET", f"{self.base}/{connection_id}").json()

    def names(self, query: str = "") -> list[str]:
        """The names that a list call answers."""
        return [item["name"] for item in self.call("GET", self.base + query).json()["connections"]]

    def truth(self) -> list[str]:
        """The names that the store really holds."""
        return [stored.name for stored in self.running.store.connections()]

    def raw(self) -> socket.socket:
        """A plain socket to the sandbox."""
        host, _, port = self.address.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=TIMEOUT)

    def request(
        self, body: bytes, *, length: int | None = None, method: str = "POST", path: str = ""
    ) -> bytes:
        """The bytes of a request of the token; `length` may promise more than there is."""
        lines = [f"{method} {path or self.base} HTTP/1.1", f"Host: {self.address}"]
        lines += [f"{name}: {value}" for name, value in self.headers().items()]
        lines += [f"Content-Length: {len(body) if length is None else length}", "", ""]
        return "\r\n".join(lines).encode() + body


@contextlib.contextmanager
def sandbox(**options: Any) -> Iterator[Client]:
    """A sandbox that is stopped at the end, and a client for it."""
    with start(**options) as running:
        yield Client(running)


def wanted(**fields: Any) -> dict[str, Any]:
    """A create body that the service accepts, with these fields."""
    body = {"name": "mrs", "dest_vpc_id": "vpc-1", "dest_network_id": "net-1", "hosts": hosts(2)} | fields
    return {key: value for key, value in body.items() if value is not None}


def hosts(number: int) -> list[dict[str, str]]:
    """Hosts whose names and addresses differ."""
    return [{"ip": f"10.1.{i >> 8}.{i & 255}", "name": f"node-{i:05d}.example.com"} for i in range(number)]


def signed(
    client: Client, method: str, target: str, body: bytes = b"", *, date: str = "", host: str = ""
) -> dict[str, str]:
    """Header fields with a signature by the signing guide, step by step."""
    path, _, query = target.partition("?")
    date = date or time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    given = {"content-type": JSON, "host": host or client.address, "x-sdk-date": date}
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    canonical = "\n".join(
        (
            method,
            path if path.endswith("/") else path + "/",
            "&".join(f"{quote(key, safe='~')}={quote(value, safe='~')}" for key, value in pairs),
            "".join(f"{name}:{value}\n" for name, value in given.items()),
            ";".join(given),
            hashlib.sha256(body).hexdigest(),
        )
    )
    text = f"SDK-HMAC-SHA256\n{date}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(client.running.secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()
    words = f"Access={client.running.access_key}, SignedHeaders={';'.join(given)}, Signature={signature}"
    return given | {"authorization": f"SDK-HMAC-SHA256 {words}"}
