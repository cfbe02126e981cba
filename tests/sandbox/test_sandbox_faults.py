"""Each fault as a client sees it on the wire, compared with what the store really holds."""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from serving import Client, hosts, sandbox, wanted

from importer.errors import UsageError
from importer.sandbox.rules import KINDS, NEVER_BY_CHANCE, Rules, parse_rule

BODY = json.dumps(wanted()).encode()
BIG = json.dumps(wanted(hosts=hosts(20_000))).encode()


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    """One sandbox for all tests here."""
    with sandbox(peering_seconds=0) as client:
        yield client


@pytest.fixture
def client(shared: Client) -> Client:
    """The sandbox, without rules and with everything deleted."""
    shared.running.faults([])
    for stored in shared.running.store.connections(status="ACTIVE"):
        shared.running.store.delete(stored.id)
    return shared


def put(client: Client, *rules: str) -> None:
    """Replace the rules, over the wire."""
    assert client.call("PUT", "/sandbox/faults", list(rules)).status == 200


def live(client: Client) -> int:
    """How many connections there really are."""
    return len(client.running.store.connections(status="ACTIVE"))


def wait_for(client: Client, number: int) -> None:
    """Until there are so many connections."""
    deadline = time.monotonic() + 20
    while live(client) != number:
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def seen(client: Client, body: bytes = BODY, *, method: str = "POST", path: str = "") -> bytes | str:
    """All bytes of an answer, or how the connection ended: `reset` or `closed`."""
    got = b""
    with client.raw() as connection:
        try:
            request = client.request(body, method=method, path=path)
            connection.sendall(request.replace(b"Content-Type", b"Connection: close\r\nContent-Type"))
            while part := connection.recv(1 << 20):
                got += part
        except (ConnectionResetError, BrokenPipeError):
            return "reset"
    return got or "closed"


@pytest.mark.parametrize(
    ("rule", "end", "committed"),
    [
        ("reset-before", "reset", 0),
        ("reset-during", "reset", 0),
        ("reset-after", "reset", 0),
        ("close-after", "closed", 0),
        ("hang:seconds=0.05", "closed", 0),
        ("commit-hang:seconds=0.05", "closed", 1),
        ("commit-reset", "reset", 1),
        ("commit-close", "closed", 1),
        ("late-reset:seconds=0", "reset", 1),
    ],
)
@pytest.mark.parametrize("body", [BODY, BIG], ids=["small", "big"])
def test_no_answer(client: Client, rule: str, end: str, committed: int, body: bytes) -> None:
    """Faults that end the connection: how, and whether the connection was created."""
    put(client, rule)
    assert seen(client, body) == end
    wait_for(client, committed)
    last = client.running.log()[-1]
    assert (last["fault"], last["status"], last["name"]) == (
        rule.partition(":")[0],
        None,
        "" if rule in ("reset-before", "reset-during") else "mrs",
    )


@pytest.mark.parametrize(
    ("rule", "status", "words", "committed"),
    [
        ("error-500", 500, b"DLI.0999", 0),
        ("error-502", 502, b"APIGW.0201", 0),
        ("error-503", 503, b"APIGW.0201", 0),
        ("error-504", 504, b"APIGW.0201", 0),
        ("server-error", 400, b"DLI.0999", 0),
        ("timeout-error", 400, b"DLI.0019", 0),
        ("throttle", 429, b"APIGW.0308", 0),
        ("throttle-date", 429, b"APIGW.0308", 0),
        ("throttle-bare", 429, b"APIGW.0308", 0),
        ("redirect", 307, b"", 0),
        ("false-success", 201, b'"is_success":false', 0),
        ("empty-success", 201, b"", 0),
        ("commit-500", 500, b"DLI.0999", 1),
        ("commit-502", 502, b"APIGW.0201", 1),
        ("commit-504", 504, b"APIGW.0201", 1),
        ("commit-garbage", 201, b"<html>", 1),
        ("commit-no-id", 201, b'{"is_success":true,"message":""}', 1),
        ("commit-server-error", 400, b"DLI.0999", 1),
        ("commit-false", 201, b'"is_success":false', 1),
        ("commit-drip:seconds=0.05", 201, b'"connection_id"', 1),
        ("late-commit:seconds=0", 504, b"APIGW.0201", 1),
        ("twin", 400, b"DLI.0006", 1),
    ],
)
def test_answers(client: Client, rule: str, status: int, words: bytes, committed: int) -> None:
    """Faults that answer: status and body, whether the connection was created, and a request id on each."""
    put(client, rule)
    reply = client.post()
    assert reply.status == status
    assert words in reply.body
    assert bool(words) is bool(reply.body)
    assert len(reply.headers["x-request-id"]) == 32
    wait_for(client, committed)
    assert client.running.log()[-1]["fault"] == rule.partition(":")[0]
    assert client.running.log()[-1]["status"] == status


def test_cut_answers(client: Client) -> None:
    """An answer cut in its body is shorter than it says; one cut in its head has no end of it."""
    put(client, "commit-cut")
    got = seen(client)
    assert isinstance(got, bytes)
    head, _, body = got.partition(b"\r\n\r\n")
    promised = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    assert 0 < len(body) < promised
    assert live(client) == 1
    put(client, "commit-cut-head")
    got = seen(client)
    assert isinstance(got, bytes)
    assert got.startswith(b"HTTP/1.1 201 ")
    assert b"\r\n\r\n" not in got
    assert live(client) == 2


def test_resets_leave_part_of_the_body(client: Client) -> None:
    """A reset before the body needs none of it; a reset during it needs only a part."""
    for rule, body in (("reset-before", b""), ("reset-during", BIG[: len(BIG) * 2 // 3])):
        put(client, rule)
        with client.raw() as connection:
            connection.sendall(client.request(body, length=len(BIG)))
            with pytest.raises(ConnectionResetError):
                connection.recv(1)
    put(client, "reset-before:name=m?s")
    with client.raw() as connection:
        connection.sendall(client.request(BODY[:20], length=len(BODY)))
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert live(client) == 0


def test_retry_after(client: Client) -> None:
    """In seconds, as a date that is not sooner, and left out."""
    put(client, "throttle:seconds=7,times=1", "throttle-date:seconds=7,times=1", "throttle-bare")
    assert client.post().headers["retry-after"] == "7"
    before = time.time()
    date = email.utils.parsedate_to_datetime(client.post().headers["retry-after"])
    assert before + 7 <= date.timestamp() <= time.time() + 8
    assert "retry-after" not in client.post().headers


def test_redirect_points_elsewhere(client: Client) -> None:
    """To the same path on another loopback port."""
    put(client, "redirect")
    place = client.post().headers["location"]
    assert place.startswith("http://127.0.0.1:")
    assert place.endswith(client.base)
    assert client.address not in place


def test_twin(client: Client) -> None:
    """Somebody else's connection of the name is there, ours is not."""
    put(client, "twin")
    client.post()
    (stored,) = client.running.store.connections(status="ACTIVE")
    assert (stored.name, stored.dest_vpc_id) == ("mrs", "twin-of-vpc-1")
    assert client.running.store.hosts(stored.id) == []


def test_late_commit_is_late(client: Client) -> None:
    """The commit of a late one is not there when the answer is."""
    put(client, "late-commit:seconds=0.3")
    assert client.post().status == 504
    assert live(client) == 0
    wait_for(client, 1)


def test_hang_ends_with_the_client(client: Client) -> None:
    """A hang lasts as long as it says, or until the client leaves."""
    put(client, "hang:seconds=3600")
    with client.raw() as connection:
        connection.sendall(client.request(BODY))
        connection.settimeout(0.1)
        with pytest.raises(TimeoutError):
            connection.recv(1)
    put(client)
    assert client.post().status == 201


def test_refused_anyway(client: Client) -> None:
    """A fault after the commit leaves a refusal as it is: nothing was committed."""
    put(client, "commit-close")
    assert client.post(name="a-b").code == "DLI.0001"
    assert client.call("POST", client.base, BODY, {}).code == "APIGW.0301"
    assert live(client) == 0
    assert client.running.log()[-1]["fault"] is None


def test_changes_have_faults_too(client: Client) -> None:
    """An update and a deletion are done although the answer is lost."""
    connection_id = client.create()
    path = f"{client.base}/{connection_id}"
    put(client, "commit-close:op=update", "commit-500:op=delete")
    with pytest.raises(http.client.RemoteDisconnected):
        client.call("PUT", path, {"hosts": hosts(7)})
    assert client.running.store.hosts(connection_id) == [(it["ip"], it["name"]) for it in hosts(7)]
    assert client.call("DELETE", path).status == 500
    assert live(client) == 0


@pytest.mark.parametrize("op", ["list", "show"])
def test_reads(client: Client, op: str) -> None:
    """What can befall a look-up."""
    path = client.base + ("?name=mrs" if op == "list" else f"/{client.create()}")
    for kind, status in (("error-500", 500), ("error-503", 503), ("throttle", 429)):
        put(client, f"{kind}:op={op}")
        assert client.call("GET", path).status == status
    put(client, f"garbage:op={op}")
    reply = client.call("GET", path)
    assert (reply.status, reply.headers["content-type"], reply.body[:6]) == (200, "text/html", b"<html>")
    put(client, f"nested:op={op}")
    assert client.call("GET", path).body == b"[" * 100_000 + b"]" * 100_000
    put(client, f"cut:op={op},name=mrs")
    with pytest.raises(http.client.IncompleteRead):
        client.call("GET", path)
    for rule, end in (("reset-before", "reset"), ("hang:seconds=0.05", "closed")):
        kind, colon, rest = rule.partition(":")
        put(client, f"{kind}:op={op}{',' if colon else ''}{rest}")
        assert seen(client, b"", method="GET", path=path) == end
    put(client, f"cut:op={op},name=other", f"garbage:op={op},times=0", f"nested:op={op},chance=0")
    assert client.call("GET", path).json()["is_success"] is True


def test_huge(client: Client) -> None:
    """100 MiB, a part at a time."""
    put(client, "huge:op=list")
    with contextlib.closing(http.client.HTTPConnection(client.address, timeout=20)) as connection:
        connection.request("GET", client.base, headers=client.headers())
        answer, total = connection.getresponse(), 0
        while part := answer.read(1 << 20):
            total += len(part)
    assert total > 100 << 20


def test_rules_in_order(client: Client) -> None:
    """The first rule that fits strikes, by name, as often as it says."""
    put(client, "error-500:name=a*,times=2", "error-502:name=a1", "error-503:op=any,name=b")
    statuses = [client.post(name=name).status for name in ("a1", "a2", "a1", "a2", "b", "c")]
    assert statuses == [500, 500, 502, 201, 503, 201]
    assert client.call("GET", client.base + "?name=b").status == 503


def test_names_anywhere_in_the_body(client: Client) -> None:
    """The connection's name is found behind its hosts too, and is not one of theirs."""
    put(client, "error-500:name=h")
    turned = dict(reversed(wanted(name="x", hosts=[{"ip": "10.0.0.1", "name": "h"}]).items()))
    body = json.dumps(turned).encode()
    assert client.call("POST", client.base, body).status == 201
    put(client, "error-500:name=x")
    assert client.call("POST", client.base, body).status == 500
    assert client.call("POST", client.base, b"[]").code == "DLI.0001"
    assert client.call("POST", client.base, b'{"name": 1}').code == "DLI.0001"


def test_any(client: Client) -> None:
    """`any` meets every kind in the end, the same ones in the same order for the same seed."""

    def kinds(seed: int) -> list[str]:
        rules = Rules(["any:chance=0.9,op=any"], seed)

        async def name() -> str:
            raise AssertionError

        def chosen(op: str) -> str:
            try:
                rules.choose(op, name).send(None)
            except StopIteration as done:
                return done.value.kind if done.value else ""
            raise AssertionError

        return [chosen(op) for op in ("create", "list") * 600]

    first = kinds(1)
    assert first == kinds(1) != kinds(2)
    assert set(first) == KINDS.keys() - NEVER_BY_CHANCE | {""}
    assert all("create" in KINDS[kind].ops for kind in first[::2] if kind)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "there is no fault ''"),
        ("comit-reset", "did you mean commit-reset?"),
        ("reset-after:nme=a", "did you mean name?"),
        ("reset-after:times", "is none of"),
        ("reset-after:op=creat", "did you mean create?"),
        ("reset-after:times=-1", "times"),
        ("reset-after:times=1.5", "times"),
        ("reset-after:chance=2", "chance"),
        ("reset-after:chance=nan", "chance"),
        ("hang:seconds=x", "seconds"),
        ("hang:seconds=inf", "seconds"),
        ("commit-reset:op=list", "cannot befall list"),
        ("garbage", "cannot befall create"),
        ("twin:op=delete", "cannot befall delete"),
    ],
)
def test_malformed_rules(client: Client, text: str, word: str) -> None:
    """A rule that means nothing is an error that names the near miss, and changes no rule."""
    put(client, "error-500")
    with pytest.raises(UsageError) as caught:
        client.running.faults(["error-502", text])
    assert word in str(caught.value)
    assert client.call("PUT", "/sandbox/faults", [text]).code == "DLI.0001"
    assert client.post().status == 500


@pytest.mark.parametrize("body", [b"", b"{}", b'"x"', b"[1]"])
def test_rules_must_be_a_list(client: Client, body: bytes) -> None:
    """What is no list of texts replaces nothing."""
    assert client.call("PUT", "/sandbox/faults", body).code == "DLI.0001"


def test_every_kind_can_be_asked_for() -> None:
    """Each kind of the help is a rule for each operation that it names."""
    for kind, of in KINDS.items():
        for op in of.ops:
            assert parse_rule(f"{kind}:op={op}").kind == kind


def test_stop_is_prompt() -> None:
    """Stopping waits for nobody: hanging, dripping and late requests, and half a body."""
    rules = ["hang:name=a,seconds=600", "commit-drip:name=b,seconds=600", "late-commit:name=c,seconds=600"]
    with sandbox(faults=rules) as client, contextlib.ExitStack() as open_ones:
        for name in ("a", "b", "c", "d"):
            connection = open_ones.enter_context(client.raw())
            body = BODY.replace(b'"mrs"', b'"%s"' % name.encode())
            connection.sendall(client.request(body[: 30 if name == "d" else None], length=len(body)))
        while len(client.running.log()) < 4:
            threading.Event().wait(0.01)
        client.running.stop()
        client.running.stop()
        with pytest.raises(OSError):  # noqa: PT011
            socket.create_connection(tuple(client.address.split(":")))
