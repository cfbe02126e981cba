"""Who may call: signatures that are really verified, tokens, projects."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from serving import JSON, Client, Reply, sandbox, signed, wanted

from importer.sandbox.answers import Refusal
from importer.sandbox.signature import Received, verify

BODY = json.dumps(wanted()).encode()
MINUTE = 60


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """One sandbox for all tests here."""
    with sandbox() as running:
        yield running


def at(minutes: float) -> str:
    """An X-Sdk-Date so many minutes from now."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() + minutes * MINUTE))


def refused(reply: Reply) -> None:
    """The gateway's 401."""
    assert (reply.status, reply.code) == (401, "APIGW.0301")
    assert reply.json()["request_id"] == reply.headers["x-request-id"]


@pytest.mark.parametrize("minutes", [0, -14, 14])
def test_signed_calls(client: Client, minutes: float) -> None:
    """A call signed by the guide is let in, within 15 minutes."""
    headers = signed(client, "POST", client.base, BODY, date=at(minutes))
    assert client.call("POST", client.base, BODY, headers).status == 201


@pytest.mark.parametrize(
    "query", ["?limit=1&offset=0", "?name=a%20b&limit=0", "?name=a+b", "?name=%E4%B8%AD~*", "?name"]
)
def test_signed_queries(client: Client, query: str) -> None:
    """The query is part of what is signed, in its canonical form."""
    headers = signed(client, "GET", client.base + query)
    assert client.call("GET", client.base + query, None, headers).status == 200
    refused(client.call("GET", client.base + query + "&x=1", None, headers))


def change(name: str, old: str, new: str, client: Client) -> dict[str, str]:
    """Signed header fields, one of them changed afterwards."""
    headers = signed(client, "POST", client.base, BODY)
    assert old in headers[name]
    return headers | {name: headers[name].replace(old, new)}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("authorization", "Access=", "Access=X"),
        ("authorization", "SDK-HMAC-SHA256", "SDK-HMAC-SM3"),
        ("authorization", "Signature=", "Signature=0"),
        ("authorization", "content-type;host;", "host;"),
        ("authorization", "host;x-sdk-date", "x-sdk-date"),
        ("authorization", "host;x-sdk-date", "host"),
        ("authorization", "host;x-sdk-date", "x-sdk-date;host"),
        ("authorization", "host;x-sdk-date", "host;x-other;x-sdk-date"),
        ("authorization", "content-type;host;", "Content-Type;host;"),
        ("authorization", "SDK", "é"),
        ("content-type", JSON, JSON + "; charset=utf-8"),
        ("x-sdk-date", "Z", ""),
        ("x-sdk-date", "T", "T9"),
        ("x-sdk-date", "20", "19"),
    ],
)
def test_altered_headers(client: Client, name: str, old: str, new: str) -> None:
    """Whatever is changed after signing is refused."""
    refused(client.call("POST", client.base, BODY, change(name, old, new, client)))


@pytest.mark.parametrize("minutes", [-16, 16, -60 * 24])
def test_stale_dates(client: Client, minutes: float) -> None:
    """A date more than 15 minutes away is refused although it is signed."""
    headers = signed(client, "POST", client.base, BODY, date=at(minutes))
    refused(client.call("POST", client.base, BODY, headers))


def test_altered_requests(client: Client) -> None:
    """Another body, path, method or host than was signed is refused; so is no signature at all."""
    headers = signed(client, "POST", client.base, BODY)
    before = client.truth()
    refused(client.call("POST", client.base, BODY + b" ", headers))
    refused(client.call("POST", client.base, b"", headers))
    refused(client.call("GET", client.base, None, signed(client, "POST", client.base)))
    refused(client.call("GET", client.base, None, signed(client, "GET", client.base + "/x")))
    refused(client.call("POST", client.base, BODY, headers | {"host": "127.0.0.9"}))
    refused(client.call("POST", client.base, BODY, headers | {"x-sdk-content-sha256": "UNSIGNED-PAYLOAD"}))
    refused(client.call("POST", client.base, BODY, {"Content-Type": JSON}))
    assert client.truth() == before


@given(st.integers(0, 10_000), st.integers(0, 255))
@examples(3)
def test_every_byte_counts(client: Client, place: int, mask: int) -> None:
    """No single byte of what was signed, or of the signature, can be changed."""
    headers = signed(client, "PUT", "/v2.0/p/%20x?limit=1&name=a%20b", b"body", date="20300101T000000Z")
    texts = ("PUT", "/v2.0/p/%20x", "limit=1&name=a%20b", "body", *headers.values())
    parts = [text.encode() for text in texts]
    index = place % len(parts)
    changed = bytearray(parts[index])
    changed[place // len(parts) % len(changed)] ^= mask
    parts[index] = bytes(changed)
    method, path, query, body, *values = parts
    fields = list(zip((name.encode() for name in headers), values, strict=True))
    request = Received(method.decode("latin-1"), path, query, fields, body)
    if mask == 0:
        verify(request, client.running.store.keys, 1893456000.0)
    else:
        with pytest.raises(Refusal, match=r"APIGW\.0301"):
            verify(request, client.running.store.keys, 1893456000.0)


def test_tokens(client: Client) -> None:
    """The printed token and issued ones open the door, others do not."""
    for token in ("", "x", client.running.token + "x", client.running.token[:-1], "é"):
        refused(client.call("GET", client.base, None, {"X-Auth-Token": token}))
    reply = client.call("POST", "/v3/auth/tokens", password(client), {"Content-Type": JSON})
    assert reply.status == 201
    assert reply.json()["token"]["project"]["id"] == client.running.project_id
    issued = reply.headers["x-subject-token"]
    assert issued != client.running.token
    assert client.call("GET", client.base, None, {"X-Auth-Token": issued}).status == 200


def password(client: Client, **changes: str) -> dict[str, object]:
    """The body that asks for a token."""
    user = {"name": "sandbox", "password": client.running.password} | changes
    identity = {"methods": ["password"], "password": {"user": user | {"domain": {"name": "sandbox"}}}}
    return {"auth": {"identity": identity, "scope": {"project": {"name": "sandbox-1"}}}}


def test_wrong_passwords(client: Client) -> None:
    """IAM's own form of 401 and 400."""
    headers = {"Content-Type": JSON}
    for changes in ({"password": "x"}, {"name": "x"}):
        reply = client.call("POST", "/v3/auth/tokens", password(client, **changes), headers)
        assert (reply.status, reply.json()["error"]["code"]) == (401, 401)
        assert "x-subject-token" not in reply.headers
    for body in ({}, [], {"auth": []}, {"auth": {"identity": {"methods": ["password"]}}}, b"x"):
        reply = client.call("POST", "/v3/auth/tokens", body, headers)
        assert (reply.status, reply.json()["error"]["title"]) == (400, "Bad Request")


def test_projects(client: Client) -> None:
    """The one project is found under its name, and under no other."""
    for query, number in (("", 1), ("?name=sandbox-1", 1), ("?name=cn-north-4", 0)):
        headers = signed(client, "GET", "/v3/projects" + query)
        found = client.call("GET", "/v3/projects" + query, None, headers).json()["projects"]
        assert [project["id"] for project in found] == [client.running.project_id] * number
    refused(client.call("GET", "/v3/projects", None, {}))
    assert client.call("GET", client.base.replace(client.running.project_id, "other")).code == "APIGW.0302"
