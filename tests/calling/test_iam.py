"""IAM is asked for a token or a project id, once; whatever it answers gives one of these or a clear error."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest
from secrets_kept import OTHER, SECRET, all_of, assert_kept

from importer.calling.account import Account, Target, authorizer, open_account
from importer.calling.credentials import Credentials, Keys, Password, Token
from importer.calling.iam import login, look_up_project
from importer.calling.signing import sign
from importer.calling.transport import Answer, Call, Failure, Transport
from importer.errors import CredentialsError, UsageError

WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
USER = Password("user", SECRET, "domain")
ID = "0123456789abcdef0123456789abcdef"
FOUND = {"projects": [{"id": ID, "name": "sandbox-1"}]}


class Seen(NamedTuple):
    """A request that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Reply(NamedTuple):
    """What the server answers to a path; `length` beyond the body's own cuts the answer off."""

    status: int
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = None


class Server(NamedTuple):
    """A server on this machine that keeps what it is asked."""

    origin: str
    seen: list[Seen]
    replies: dict[str, Reply]


@contextmanager
def serving(replies: dict[str, Reply]) -> Iterator[Server]:
    """Serve these replies, by path without query, until the block ends."""
    seen: list[Seen] = []

    class Handler(BaseHTTPRequestHandler):
        """Answers from the table."""

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            seen.append(Seen(self.command, self.path, dict(self.headers.items()), body))
            reply = replies.get(self.path.partition("?")[0], Reply(404))
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
            self.end_headers()
            self.wfile.write(reply.body)
            self.close_connection = True

        do_GET = do_POST = _answer

        def log_message(self, *arguments: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Server(f"http://127.0.0.1:{server.server_port}", seen, replies)
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    """A server without replies yet."""
    with serving({}) as running:
        yield running


@pytest.fixture
def send() -> Iterator[Callable[[Call], Answer | Failure]]:
    """Real calls."""
    transport = Transport(deadline=20)
    yield transport.send
    transport.close()


TOKENS = "/v3/auth/tokens"
PROJECTS = "/v3/projects"


def token_reply(token: str) -> Reply:
    """IAM's answer with a token."""
    return Reply(201, b'{"token": {}}', (("X-Subject-Token", token),))


@pytest.mark.parametrize(
    ("project_id", "scope"), [("", {"name": "sandbox-1"}), (ID, {"id": ID})], ids=["by name", "by id"]
)
def test_login(project_id: str, scope: dict[str, str], server: Server, send: Any) -> None:
    """The documented body is sent, scoped to the project; the token is in the header of the answer."""
    server.replies[TOKENS] = token_reply(OTHER)
    token = login(
        USER, iam_endpoint=server.origin, project_id=project_id, project_name="sandbox-1", send=send
    )
    assert token == Token(OTHER)
    (seen,) = server.seen
    assert (seen.method, seen.path, seen.headers["Content-Type"]) == ("POST", TOKENS, "application/json")
    user = {"name": "user", "password": SECRET, "domain": {"name": "domain"}}
    assert json.loads(seen.body) == {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": scope},
        }
    }


ECHO = json.dumps({"error": {"code": 401, "message": f"bad password {SECRET}", "title": OTHER}}).encode()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(401, ECHO),
        Reply(400, ECHO),
        Reply(403, ECHO),
        Reply(404),
        Reply(500, ECHO),
        Reply(503),
        Reply(302, b"", (("Location", "http://127.0.0.1:9/"), ("X-Subject-Token", OTHER))),
        Reply(200, b"{}", (("X-Subject-Token", OTHER),)),
        Reply(201, ECHO),
        Reply(201, b"{}", (("X-Subject-Token", ""),)),
        Reply(201, b"{}", (("X-Subject-Token", f"{OTHER} {OTHER}"),)),
        Reply(201, b"{}", (("X-Subject-Token", OTHER + "é"),)),
        Reply(201, b"{}", (("X-Subject-Token", "x" * 33_000),)),
        Reply(201, b"{}", (("X-Subject-Token", OTHER),), length=1000),
    ],
    ids=str,
)
def test_no_login(reply: Reply, server: Server, send: Any) -> None:
    """Anything else is an error, asked once, and a password that the server repeats is not shown."""
    server.replies[TOKENS] = reply
    with pytest.raises(CredentialsError) as caught:
        login(USER, iam_endpoint=server.origin, project_id="", project_name="r", send=send)
    assert len(server.seen) == 1
    assert server.origin in str(caught.value)
    assert_kept(all_of(caught.value) + caught.value.hint)


def test_iam_out_of_reach(send: Any) -> None:
    """A server that does not answer is named, with the option that names another."""
    with serving({}) as gone:
        origin = gone.origin
    with pytest.raises(CredentialsError, match="cannot be asked for a token") as caught:
        login(USER, iam_endpoint=origin, project_id="", project_name="r", send=send)
    assert origin in str(caught.value)
    assert "--iam-endpoint" in caught.value.hint
    assert_kept(all_of(caught.value))


def test_look_up(server: Server, send: Any) -> None:
    """The question is signed for IAM, without a project, and the one hit is the answer."""
    server.replies[PROJECTS] = Reply(200, json.dumps(FOUND).encode())
    keys = Keys("AK", SECRET, OTHER)
    authorize = authorizer(keys, server.origin, "", lambda: WHEN)
    assert (
        look_up_project("sandbox-1", iam_endpoint=server.origin, send=lambda call: send(authorize(call)))
        == ID
    )
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("GET", f"{PROJECTS}?name=sandbox-1")
    headers = {"Content-Type": "application/json", "X-Security-Token": OTHER}
    url = server.origin + seen.path
    expected = headers | sign("GET", url, headers, b"", "AK", SECRET, WHEN)
    assert {name: seen.headers[name] for name in expected} == expected
    assert "X-Project-Id" not in seen.headers


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(401, ECHO), "HTTP 401"),
        (Reply(500, ECHO), "HTTP 500"),
        (Reply(307, b"", (("Location", "http://127.0.0.1:9/"),)), "HTTP 307"),
        (Reply(200, b""), "no project"),
        (Reply(200, b"<html>"), "no project"),
        (Reply(200, b"\xff"), "no project"),
        (Reply(200, b"[" * 100_000), "no project"),
        (Reply(200, b"[]"), "no project"),
        (Reply(200, b'{"projects": null}'), "no project"),
        (Reply(200, b'{"projects": []}'), "no project"),
        (Reply(200, b'{"projects": [null, 1, {}, {"id": 1}, {"id": ""}]}'), "no project"),
        (Reply(200, b'{"projects": [{"id": "../x"}, {"id": "a?b"}, {"id": "\\u001b"}]}'), "no project"),
        (Reply(200, b'{"projects": [{"id": "one"}, {"id": "two"}]}'), "2 projects: 'one', 'two'"),
        (Reply(200, json.dumps(FOUND).encode(), length=1000), "was cut off"),
    ],
    ids=str,
)
def test_no_look_up(reply: Reply, words: str, server: Server, send: Any) -> None:
    """No project, several, or no answer: an error that names the option which settles it."""
    server.replies[PROJECTS] = reply
    authorize = authorizer(Token(OTHER), server.origin, "", lambda: WHEN)
    with pytest.raises(CredentialsError) as caught:
        look_up_project("sandbox-1", iam_endpoint=server.origin, send=lambda call: send(authorize(call)))
    assert words in str(caught.value)
    assert "--project-id" in caught.value.hint
    assert_kept(all_of(caught.value) + caught.value.hint)


# -- accounts


def opened(target: Target, send: Any) -> Account:
    """The account of a target, by a clock that stands still."""
    return open_account(target, send=send, now=lambda: WHEN)


@pytest.mark.parametrize("credentials", [Keys("AK", SECRET), Token(SECRET)], ids=repr)
def test_nothing_is_asked(credentials: Credentials, server: Server, send: Any) -> None:
    """With a project id, keys and tokens need no IAM."""
    account = opened(Target(server.origin, credentials, server.origin, project_id=ID), send)
    assert (account.endpoint, account.project_id) == (server.origin, ID)
    assert server.seen == []
    assert_kept(repr(account) + str(vars(account)))


def test_password_and_no_project(server: Server, send: Any) -> None:
    """A password becomes a token, and the token finds the project; then the token goes with each call."""
    server.replies.update({TOKENS: token_reply(OTHER), PROJECTS: Reply(200, json.dumps(FOUND).encode())})
    account = opened(Target(server.origin, USER, server.origin, "sandbox-1"), send)
    assert [(seen.method, seen.headers.get("X-Auth-Token")) for seen in server.seen] == [
        ("POST", None),
        ("GET", OTHER),
    ]
    assert account.project_id == ID
    call = account.authorize(Call("GET", f"{server.origin}/x", {"A": "b"}))
    assert call.headers == {"A": "b", "X-Auth-Token": OTHER}


def test_signed_calls() -> None:
    """Project and security token are signed, by the time of the call, and the call given stays as it was."""
    times = iter([WHEN, WHEN.replace(hour=6)])
    authorize = authorizer(Keys("AK", SECRET, OTHER), "https://dli.example", ID, lambda: next(times))
    call = Call("POST", "https://dli.example/v2.0/x", {"Content-Type": "application/json"}, b"{}")
    first, second = authorize(call), authorize(call)
    assert call.headers == {"Content-Type": "application/json"}
    headers = {**call.headers, "X-Project-Id": ID, "X-Security-Token": OTHER}
    assert first.headers == headers | sign("POST", call.url, headers, b"{}", "AK", SECRET, WHEN)
    assert "x-project-id;x-sdk-date;x-security-token" in first.headers["Authorization"]
    assert second.headers["X-Sdk-Date"] == "20260304T060607Z"
    assert second.headers["Authorization"] != first.headers["Authorization"]
    assert first[:2] + first[3:] == call[:2] + call[3:]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://dli.example.evil.example/",
        "https://dli.example:444/",
        "https://dli.example@evil.example/",
        "http://dli.example/",
        "https://dli.example",
    ],
)
@pytest.mark.parametrize("credentials", [Keys("AK", SECRET), Token(SECRET)], ids=repr)
def test_only_one_server_is_shown_credentials(url: str, credentials: Keys | Token) -> None:
    """A call to another server is refused, not signed."""
    authorize = authorizer(credentials, "https://dli.example", ID, lambda: WHEN)
    with pytest.raises(CredentialsError) as caught:
        authorize(Call("GET", url, {}))
    assert_kept(all_of(caught.value))


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target("https://dli.example", USER, project_id=ID), "--iam-endpoint"),
        (Target("https://dli.example", Token(SECRET)), "--iam-endpoint"),
        (Target("https://dli.example", Token(SECRET), "https://iam.example"), "--project-id"),
    ],
)
def test_what_is_missing_is_told(target: Target, words: str, send: Any) -> None:
    """Without an IAM to ask, or a project to ask for, nothing is sent."""
    with pytest.raises(UsageError) as caught:
        opened(target, send)
    assert words in caught.value.hint
