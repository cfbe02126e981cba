"""Answers that are valid and odd: what the service's own SDK reads is read, or refused with a reason."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import socket
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from command import run_process
from raw_server import Raw, serve

from importer.calling.transport import Transport
from importer.sending.retry import Clock, Halted, Retry
from importer.sending.service import Gate, LookUpFailed, Service

PROGRAM = """
import json, sys
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkdli import v1

endpoint, names = json.load(sys.stdin)
keys = BasicCredentials("AK", "SK", "p")
client = v1.DliClient.new_builder().with_credentials(keys).with_endpoint(endpoint).build()
seen = {}
for name in names:
    try:
        found = client.list_enhanced_connections(v1.ListEnhancedConnectionsRequest(name=name))
        seen[name] = [[item.id, item.name, [[host.ip, host.name] for host in item.hosts]]
                      for item in found.connections]
    except Exception as error:
        seen[name] = type(error).__name__
print(json.dumps(seen))
"""


def body(name: str, **more: object) -> bytes:
    """A list of one connection."""
    hosts = [{"ip": "10.0.0.1", "name": "h"}]
    item = {"id": "i-1", "name": name, "status": "ACTIVE", "dest_vpc_id": "V", "dest_network_id": "S"}
    return json.dumps({"is_success": True, "connections": [item | {"hosts": hosts} | more]}).encode()


def plain(data: bytes, *fields: str, status: str = "HTTP/1.1 200 OK", end: str = "\r\n") -> bytes:
    """An answer with a length."""
    lines = [status, *(fields or ("Content-Type: application/json",)), f"Content-Length: {len(data)}", "", ""]
    return end.join(lines).encode("latin-1") + data


def chunked(
    data: bytes, size: int, *, form: str = "%x", more: str = "", trailer: str = "", kind: str = "chunked"
) -> bytes:
    """The same in chunks."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: {kind}\r\n\r\n".encode()
    parts = [data[start : start + size] for start in range(0, len(data), size)]
    chunks = b"".join((form % len(part) + more).encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return head + chunks + f"0\r\n{trailer}\r\n".encode()


def endless(data: bytes, status: str = "HTTP/1.1 200 OK") -> bytes:
    """An answer that ends where the connection does."""
    return f"{status}\r\nContent-Type: application/json\r\n\r\n".encode() + data


def escaped(text: str) -> bytes:
    """Each character as an escape of JSON."""
    return "".join(f"\\u{ord(char):04x}" for char in text).encode()


INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
JSON = "Content-Type: application/json"
ANSWERS: dict[str, Callable[[str], bytes]] = {
    "plain": lambda n: plain(body(n)),
    "chunked": lambda n: chunked(body(n), 50),
    "chunk of one byte each": lambda n: chunked(body(n), 1),
    "chunk extensions": lambda n: chunked(body(n), 50, more=';a=b;c="d"'),
    "chunk sizes in capitals": lambda n: chunked(body(n), 60, form="%X"),
    "chunk sizes with zeros": lambda n: chunked(body(n), 60, form="%08x"),
    "trailers": lambda n: chunked(body(n), 60, trailer="X-Sum: 1\r\nX-More: 2\r\n"),
    "a coding in capitals": lambda n: chunked(body(n), 60, kind="Chunked"),
    "100": lambda n: b"HTTP/1.1 100 Continue\r\n\r\n" + plain(body(n)),
    "102": lambda n: b"HTTP/1.1 102 Processing\r\n\r\n" + plain(body(n)),
    "103": lambda n: INTERIM + plain(body(n)),
    "three interim ones": lambda n: INTERIM * 3 + chunked(body(n), 60),
    "a mark of UTF-8": lambda n: plain(b"\xef\xbb\xbf" + body(n)),
    "UTF-16": lambda n: plain(body(n).decode().encode("utf-16")),
    "UTF-16 by its type": lambda n: plain(body(n).decode().encode("utf-16-le"), JSON + "; charset=utf-16-le"),
    "UTF-32": lambda n: plain(body(n).decode().encode("utf-32")),
    "a set of characters that is not meant": lambda n: plain(body(n), JSON + "; charset=gbk"),
    "no type": lambda n: plain(body(n), "X-A: b"),
    "a type of text": lambda n: plain(body(n), "Content-Type: text/plain"),
    "a type in capitals": lambda n: plain(body(n), "Content-Type: Application/JSON;charset=UTF-8"),
    "identity": lambda n: plain(body(n), JSON, "Content-Encoding: identity"),
    "Identity": lambda n: plain(body(n), JSON, "Content-Encoding: Identity"),
    "an empty coding": lambda n: plain(body(n), JSON, "Content-Encoding: "),
    "gzip": lambda n: plain(gzip.compress(body(n)), JSON, "Content-Encoding: gzip"),
    "deflate": lambda n: plain(zlib.compress(body(n)), JSON, "Content-Encoding: deflate"),
    "a coding that nobody knows": lambda n: plain(body(n), JSON, "Content-Encoding: x-none"),
    "no length": lambda n: endless(body(n)),
    "HTTP/1.0": lambda n: endless(body(n), "HTTP/1.0 200 OK"),
    "HTTP/1.0 with a length": lambda n: plain(body(n), status="HTTP/1.0 200 OK"),
    "the length twice": lambda n: plain(body(n), JSON, f"Content-Length: {len(body(n))}"),
    "a folded field": lambda n: plain(body(n), JSON, "X-A: b\r\n  c"),
    "no reason": lambda n: plain(body(n), status="HTTP/1.1 200"),
    "a long reason": lambda n: plain(body(n), status="HTTP/1.1 200 " + "Very well " * 50),
    "a reason beyond ASCII": lambda n: plain(body(n), status="HTTP/1.1 200 d'accord \xe9"),
    "fields in lower case": lambda n: plain(body(n)).replace(b"Content-Length", b"content-length"),
    "no blank behind the colon": lambda n: plain(body(n), "Content-Type:application/json"),
    "bare LF": lambda n: plain(body(n), end="\n"),
    "ninety fields": lambda n: plain(body(n), JSON, *(f"X-{i}: {i}" for i in range(90))),
    "it closes": lambda n: plain(body(n), JSON, "Connection: close"),
    "blanks around": lambda n: plain(b"\r\n\t " + body(n) + b"\n\n "),
    "a key twice": lambda n: plain(body(n).replace(b'"connections"', b'"connections": null, "connections"')),
    "escapes": lambda n: plain(body("x").replace(b'"x"', b'"%s"' % escaped(n))),
    "unknown fields": lambda n: plain(body(n, more={"deep": [[[1]]]}, other=[None])),
    "null fields": lambda n: plain(body(n, elastic_resource_pools=None, available_queue_info=None)),
    "large numbers": lambda n: plain(body(n, create_time=10**30)),
    "numbers with fractions": lambda n: plain(body(n, create_time=1.5e12)),
    "no number": lambda n: plain(body(n, create_time=float("nan"))),
    "203": lambda n: plain(body(n), status="HTTP/1.1 203 Non-Authoritative Information"),
}
NAMES = {f"odd_{number}": kind for number, kind in enumerate(ANSWERS)}
REFUSED = {
    "gzip": "compressed",
    "deflate": "compressed",
    "a coding that nobody knows": "compressed",
    "203": "203",
}
"""What is refused, with a word of the reason; all else has to be read."""
TOO_ODD = {"102", "103", "three interim ones", "UTF-16", "UTF-32", "no number"}
"""Of which the SDK understands nothing: it takes an interim answer for the answer, and JSON for UTF-8."""


def odd(server: Raw, sock: socket.socket) -> None:
    """Answer by the name that is asked for; pages behind the first one are empty."""
    while True:
        line = server.take(sock).partition(b"\r\n")[0]
        name = re.search(rb"[?&]name=(\w+)", line)
        first = re.search(rb"[?&]offset=([1-9])", line) is None
        assert name
        data = ANSWERS[NAMES[name[1].decode()]](name[1].decode()) if first else plain(b'{"connections": []}')
        server.send(sock, data)
        if b"ength:" not in data and b"chunked" not in data.lower():
            return


def ours(url: str) -> dict[str, object]:
    """What our look-ups find, or why they find nothing."""
    clock = Clock(lambda: 0.0, lambda: 0.0, lambda seconds: None, lambda: 0.0)
    seen: dict[str, object] = {}
    for name in NAMES:
        with contextlib.closing(Transport(deadline=20)) as transport:
            service = Service(transport.send, url + "/v2.0/p/x", Retry(clock), Gate())
            try:
                seen[name] = [[one.id, one.name, [one.hosts[0].split(" ")]] for one in service.find(name)]
            except (LookUpFailed, Halted) as error:
                seen[name] = str(error)
    return seen


def test_odd_answers(tmp_path: Path) -> None:
    """All forms at once, over one server."""
    assert len(ANSWERS) >= 40
    with serve(odd) as server:
        here = ours(server.url)
        for name, kind in NAMES.items():
            if kind in REFUSED:
                assert isinstance(here[name], str), kind
                assert REFUSED[kind] in str(here[name]), kind
            else:
                assert here[name] == [["i-1", name, [["10.0.0.1", "h"]]]], kind
        pytest.importorskip("huaweicloudsdkdli")
        given = json.dumps([server.url, list(NAMES)]).encode()
        done = run_process([sys.executable, "-W", "ignore", "-c", PROGRAM], tmp_path, stdin=given)
        assert done.status == 0, done.err
        there = json.loads(done.out)
    apart = {NAMES[name]: (here[name], there[name]) for name in NAMES if here[name] != there[name]}
    assert {kind for kind, (one, _) in apart.items() if not isinstance(one, str)} <= TOO_ODD, apart
    assert not [NAMES[name] for name in NAMES if NAMES[name] in TOO_ODD and isinstance(there[name], list)]
