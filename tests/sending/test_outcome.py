"""What each answer and each failure proves: the table of outcomes, cell by cell, over real sockets."""

from __future__ import annotations

import gzip
import json
import os
import socket
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from accounts import account_at
from command import GOOD, Outcome, dli_hosts
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from raw_server import Raw, Script, answer, drips, floods, hangs, head, keeps, resets, says, serve

from importer.calling.calls import Answer, Call, Failure, Phase
from importer.calling.transport import MAX_ANSWER, Transport
from importer.sending.outcome import Meaning, is_id, meaning_of, says_not_found

ID = "7c3b8a2e-9f4d-4a51-8a11-0d4c2f6f1e2a"
MiB = 1 << 20
C, R, D, T, H, U = (
    Meaning.CREATED,
    Meaning.REJECTED,
    Meaning.DOUBTFUL,
    Meaning.TAKEN,
    Meaning.THROTTLED,
    Meaning.UNKNOWN,
)


def made(**fields: Any) -> bytes:
    """The body of a success, with these fields; a field that is ... is left out."""
    body = {"is_success": True, "message": "", "connection_id": ID} | fields
    return json.dumps({key: value for key, value in body.items() if value is not ...}).encode()


def error(code: str, message: str = "words") -> bytes:
    """The body of an error."""
    return json.dumps({"error_code": code, "error_msg": message}).encode()


def post(server: Raw, *, deadline: float = 20.0, body: bytes = b"{}") -> Answer | Failure:
    """One create call to a server."""
    transport = Transport(deadline=deadline)
    try:
        return transport.send(Call("POST", server.url + "/v2.0/p/x", {"X-Auth-Token": "t"}, body))
    finally:
        transport.close()


GATEWAY = "APIGW"
STATUSES: list[tuple[int, str, Meaning, bool]] = [
    # gateway
    (400, "APIGW.0201", R, False),
    (401, "APIGW.0301", R, True),
    (401, "APIGW.0307", R, True),
    (403, "APIGW.0302", R, True),
    (403, "APIGW.0304", R, True),
    (404, "APIGW.0101", R, True),
    (404, "APIG.0101", R, True),
    (413, "APIGW.0201", R, False),
    (429, "APIGW.0308", H, False),
    (429, "APIG.0308", H, False),
    (429, "", H, False),
    (400, "APIGW.0308", H, False),
    (403, "APIG.0308", H, False),
    (502, "APIGW.0201", U, False),
    (504, "APIGW.0201", U, False),
    (500, "APIGW.0308", U, False),
    # refusals
    (400, "DLI.0001", R, False),
    (400, "DLI.0002", R, False),
    (400, "DLI.0007", R, False),
    (400, "DLI.0009", R, False),
    (400, "DLI.0012", R, False),
    (400, "DLI.0023", R, False),
    (404, "DLI.0002", R, False),
    (404, "", R, False),
    (413, "", R, False),
    # hopeless
    (400, "DLI.0003", R, True),
    (400, "DLI.0013", R, True),
    (400, "DLI.0014", R, True),
    (400, "DLI.0015", R, True),
    (400, "DLI.0016", R, True),
    (400, "DLI.1028", R, True),
    (401, "DLI.0013", R, True),
    (401, "", R, True),
    (403, "DLI.0003", R, True),
    (403, "", R, True),
    # taken
    (400, "DLI.0006", T, False),
    # faults of the service
    (400, "DLI.0999", U, False),
    (400, "DLI.0019", U, False),
    (400, "DLI.0010", U, False),
    (400, "DLI.7777", U, False),
    (400, "dli.0001", U, False),
    (400, "DLI.00011", U, False),
    (400, "", U, False),
    (402, "", U, False),
    (408, "", U, False),
    (409, "", U, False),
    (418, "", U, False),
    (499, "", U, False),
    (500, "DLI.0001", U, False),
    (500, "DLI.0999", U, False),
    *((status, "", U, False) for status in (500, 501, 502, 503, 504, 505, 511, 599)),
    *((status, "DLI.0001", U, False) for status in (200, 201, 202)),
    *((status, "", U, False) for status in (300, 301, 302, 303, 304, 305, 306, 307, 308, 399)),
    (600, "DLI.0001", U, False),
    (999, "", U, False),
]


def test_statuses_and_codes() -> None:
    """Status and code decide, over a real connection; each call arrives once."""
    answers = [answer(error(code) if code else b"<html>", status) for status, code, _, _ in STATUSES]
    with serve(keeps(*answers)) as server:
        for number, (status, code, meaning, stops) in enumerate(STATUSES, 1):
            outcome = meaning_of(post(server))
            assert (outcome.meaning, outcome.stops) == (meaning, stops), (status, code)
            assert (outcome.code, outcome.connection_id) == (code, "")
            assert outcome.evidence.startswith(f"HTTP {status}")
            assert len(server.requests) == number


@pytest.mark.parametrize("code", ["DLI.0001", "DLI.0006", "DLI.1028", "APIGW.0201", "APIGW.0308"])
@pytest.mark.parametrize(
    "spelling",
    [("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message")],
)
@pytest.mark.parametrize("nested", [False, True])
def test_spellings_of_errors(code: str, spelling: tuple[str, str], nested: bool) -> None:
    """The three spellings of an error mean the same, also one level down."""
    body: dict[str, Any] = {spelling[0]: code, spelling[1]: "words"}
    data = json.dumps({"error": body} if nested else body).encode()
    outcome = meaning_of(Answer(400, {}, data, True))
    assert outcome == meaning_of(Answer(400, {}, error(code), True))
    assert outcome.evidence == f"HTTP 400 {code} words"


HOSTILE_IDS = [
    None,
    "",
    0,
    7,
    True,
    False,
    [],
    {},
    [ID],
    {"id": ID},
    "a/b",
    "..",
    "../../x",
    "a b",
    "a?b",
    "a#b",
    "a%2fb",
    " " + ID,
    ID + "\n",
    ID + "\0",
    "ａ",
    "１２",
    "٣",
    "a" * 65,
    "a" * 100_000,
    "\x1b[2J",
    "\u202e",
    "\ud800",
    "-",
    "_",
    "a\\b",
    "a;b",
    "a.b",
    "a:b",
    "<b>",
]

ODD_BODIES: dict[str, tuple[bytes, Meaning]] = {
    "created": (made(), C),
    "no is_success": (made(is_success=...), C),
    "is_success null": (made(is_success=None), C),
    "no message": (made(message=...), C),
    "further fields": (made(x={"y": [1]}), C),
    "is_success false": (made(is_success=False), D),
    "is_success false without id": (made(is_success=False, connection_id=...), D),
    "is_success 'false'": (made(is_success="false"), U),
    "is_success 'true'": (made(is_success="true"), U),
    "is_success 0": (made(is_success=0), U),
    "is_success 1": (made(is_success=1), U),
    "is_success 1.0": (made(is_success=1.0), U),
    "is_success list": (made(is_success=[]), U),
    "no id": (made(connection_id=...), U),
    "success and an error code": (made(error_code="DLI.0999"), U),
    "error code, no success": (error("DLI.0001"), U),
    "empty": (b"", U),
    "blanks": (b" \r\n", U),
    "garbage": (b"<html><b>It works!</b></html>", U),
    "array": (b"[" + made() + b"]", U),
    "string": (json.dumps(ID).encode(), U),
    "null": (b"null", U),
    "nested arrays": (b"[" * 100_000 + b"]" * 100_000, U),
    "nested objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, U),
    "nested beside": (made()[:-1] + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", U),
    "huge number": (made()[:-1] + b',"x":' + b"9" * 10_000 + b"}", U),
    "cut JSON": (made()[:-1], U),
    "two objects": (made() + made(), U),
    "not UTF-8": (made()[:-1] + b',"x":"\xff\xfe"}', U),
    "NULs": (b"\0" * 100, U),
    "BOM": (b"\xef\xbb\xbf" + made(), C),
    "UTF-16": (made().decode().encode("utf-16"), C),
    "NaN": (made()[:-1] + b',"x":NaN}', C),
}


@pytest.mark.parametrize("status", [200, 201, 202])
def test_successes(status: int) -> None:
    """An id in an answer that means success is success; a denial is a doubt; all else is unknown."""
    with serve(keeps(*(answer(body, status) for body, _ in ODD_BODIES.values()))) as server:
        for name, (_, meaning) in ODD_BODIES.items():
            outcome = meaning_of(post(server))
            assert outcome.meaning is meaning, name
            assert outcome.connection_id == (ID if meaning is C else ""), name
        assert len(server.requests) == len(ODD_BODIES)


@pytest.mark.parametrize("status", [100, 203, 204, 205, 206, 207, 226, 299])
def test_other_statuses_of_success(status: int) -> None:
    """A success that the service does not document proves nothing."""
    assert meaning_of(Answer(status, {}, made(), True)).meaning is U


@pytest.mark.parametrize("status", [203, 204, 206])
def test_other_statuses_of_success_on_the_wire(status: int) -> None:
    """The same over a connection, where 204 has no body."""
    with serve(says(answer(made(), status))) as server:
        assert meaning_of(post(server)).meaning is U
        assert len(server.requests) == 1


@pytest.mark.parametrize("value", HOSTILE_IDS, ids=lambda value: repr(value)[:30])
def test_hostile_ids(value: Any) -> None:
    """An id that cannot stand in a URL, or is none, is no success."""
    assert not is_id(value)
    outcome = meaning_of(Answer(201, {}, made(connection_id=value), True))
    assert (outcome.meaning, outcome.connection_id) == (U, "")


CUTS: dict[str, tuple[Script, Meaning]] = {
    "whole": (says(answer(made())), C),
    "no length, closed": (says(head() + made()), C),
    "no length, cut": (says(head() + made()[:-2]), U),
    "body shorter than its length": (says(head(length=len(made()) + 1) + made()), U),
    "body cut": (says(head(length=len(made())) + made()[:20]), U),
    "body missing": (says(head(length=len(made()))), U),
    "body longer than its length": (says(head(length=10) + made()), U),
    "surplus behind the body": (says(answer(made()) + answer(error("DLI.0001"), 400)), C),
    "length no number": (says(head(201, "Content-Length: x") + made()), C),
    "length negative": (says(head(201, "Content-Length: -5") + made()), C),
    "lengths differ": (says(head(201, "Content-Length: 3", "Content-Length: 400") + made()), U),
    "chunked": (
        says(head(201, "Transfer-Encoding: chunked") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(made()), made())),
        C,
    ),
    "chunk without an end": (
        says(head(201, "Transfer-Encoding: chunked") + b"%x\r\n%s\r\n" % (len(made()), made())),
        U,
    ),
    "chunk cut": (says(head(201, "Transfer-Encoding: chunked") + b"%x\r\n%s" % (len(made()), made()[:9])), U),
    "chunk size no number": (
        says(head(201, "Transfer-Encoding: chunked") + b"zz\r\n" + made() + b"\r\n0\r\n\r\n"),
        U,
    ),
    "chunk size negative": (
        says(head(201, "Transfer-Encoding: chunked") + b"-5\r\n" + made() + b"\r\n0\r\n\r\n"),
        U,
    ),
    "head cut in the status": (says(b"HTTP/1.1 20"), U),
    "head cut behind the status": (says(b"HTTP/1.1 201 Created\r\n"), U),
    "head cut in a field": (says(b"HTTP/1.1 201 Created\r\nContent-Le"), U),
    "head without its end": (says(b"HTTP/1.1 201 Created\r\nX-A: b\r\n"), U),
    "no HTTP": (says(b"SSH-2.0-OpenSSH_9.6\r\n"), U),
    "HTTP/0.9": (says(made()), U),
    "HTTP/1.0": (says(answer(made()).replace(b"HTTP/1.1", b"HTTP/1.0")), C),
    "HTTP/9.9": (says(answer(made()).replace(b"HTTP/1.1", b"HTTP/9.9")), U),
    "status no number": (says(answer(made()).replace(b"201", b"2o1")), U),
    "status of four digits": (says(answer(made()).replace(b"201", b"2010")), U),
    "status minus": (says(answer(made()).replace(b"201", b"-201")), U),
    "field without a colon": (says(head(201, "nonsense", length=len(made())) + made()), C),
    "field of 200 kB": (says(answer(made(), 201, "X-A: " + "a" * 200_000)), U),
    "200 fields": (says(answer(made(), 201, *(f"X-{n}: a" for n in range(200)))), U),
    "gzip though identity was asked": (says(answer(gzip.compress(made()), 201, "Content-Encoding: gzip")), U),
    "gzip that is none": (says(answer(made(), 201, "Content-Encoding: gzip")), U),
    "identity": (says(answer(made(), 201, "Content-Encoding: identity")), C),
    "100 before": (says(head(100) + answer(made())), C),
    "nothing": (says(b""), U),
    "reset in the request": (resets(10), U),
    "reset after the request": (resets(None), U),
    "reset in the answer": (resets(None, head(length=len(made())) + made()[:20]), U),
    "hang": (hangs, U),
    "dripping head": (drips(head(201, "X-A: " + "a" * 10_000), 0.02), U),
    "dripping body": (drips(head(length=10_000) + b" " * 10_000, 0.01), U),
    "endless 100": (floods(b"", head(100), 1_000_000), U),
    "endless head": (floods(b"HTTP/1.1 201 Created\r\nX: ", b"a" * MiB, 1024), U),
    "1 GiB": (floods(head(length=1 << 30), b" " * MiB, 1024), U),
    "1 GiB without a length": (floods(head(), b" " * MiB, 1024), U),
    "1 GiB behind a redirect": (floods(head(307, "Location: /x", length=1 << 30), b" " * MiB, 1024), U),
    "1 GiB in chunks": (
        floods(head(201, "Transfer-Encoding: chunked"), b"100000\r\n" + b" " * MiB + b"\r\n", 1024),
        U,
    ),
}


@pytest.mark.parametrize("name", CUTS)
def test_damage(name: str) -> None:
    """Once a connection stood only a whole success is one; memory and time are bounded."""
    script, meaning = CUTS[name]
    slow = name in ("hang", "endless 100") or name.startswith("dripping")
    with serve(script) as server:
        result = post(server, deadline=0.6 if slow else 20.0, body=b"x" * 100_000)
        outcome = meaning_of(result)
        assert outcome.meaning is meaning, (outcome, result)
        assert server.connections == 1
        assert server.sent < MAX_ANSWER + 32 * MiB
    if isinstance(result, Failure):
        assert result.phase is Phase.AFTER


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_redirects_are_not_followed(status: int, method: str) -> None:
    """The server that a redirect names sees nothing, on this host and on another name of it."""
    with serve(keeps(answer(made()))) as other:
        for place in (other.url + "/v2.0/p/x", f"//localhost:{other.port}/", "/y", "http://[bad", "ftp://x/"):
            with serve(says(answer(b"", status, f"Location: {place}"))) as server:
                transport = Transport()
                result = transport.send(Call(method, server.url, {"X-Auth-Token": "t"}, b"{}"))
                transport.close()
                assert meaning_of(result).meaning is U
                assert len(server.requests) == server.connections == 1
        assert other.connections == 0


@examples(3)
@given(st.binary(max_size=300), st.sampled_from([200, 201, 202, 400, 401, 404, 429, 500]), st.booleans())
def test_any_body(body: bytes, status: int, complete: bool) -> None:
    """No body raises anything, and none that is not the success of the documentation is one."""
    outcome = meaning_of(Answer(status, {}, body, complete))
    assert outcome.meaning is not C
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in outcome.evidence)


@examples(3)
@given(
    st.dictionaries(
        st.sampled_from(
            ["is_success", "connection_id", "message", "error_code", "error_msg", "code", "error"]
        ),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.text()
            | st.sampled_from([ID, "DLI.0001", "DLI.0006"]),
            lambda inner: (
                st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
            ),
            max_leaves=4,
        ),
    ),
    st.sampled_from([200, 201, 202, 204, 400, 403, 500]),
    st.booleans(),
)
def test_created_only_with_an_id(body: dict[str, Any], status: int, complete: bool) -> None:
    """Created means: whole, 200 to 202, no error code, not denied, and an id that can stand in a URL."""
    outcome = meaning_of(Answer(status, {}, json.dumps(body).encode(), complete))
    if outcome.meaning is C:
        assert complete
        assert status in (200, 201, 202)
        assert body.get("is_success") in (None, True)
        assert outcome.connection_id == body["connection_id"]
        assert is_id(body["connection_id"])
        assert outcome.code == ""
    if not complete:
        assert outcome.meaning in (U, R, H)


def test_an_answer_that_was_cut_keeps_its_status() -> None:
    """A refusal by status is one without its body; what rests on the body is unknown."""
    for status, meaning in ((401, R), (403, R), (404, R), (413, R), (429, H), (400, U), (201, U), (500, U)):
        assert meaning_of(Answer(status, {}, error("DLI.0001"), False)).meaning is meaning


def test_messages_of_the_server_are_data() -> None:
    """A message is cut, and nothing in it steers a terminal; the request id must be plain."""
    message = "\x1b]0;x\x07\u202e\r\n::error::" + "a" * 10_000
    outcome = meaning_of(Answer(500, {"X-Request-Id": "a\x1b[2J"}, error("DLI.0999", message), True))
    assert "\x1b" not in outcome.evidence
    assert "\n" not in outcome.evidence
    assert "\u202e" not in outcome.evidence
    assert len(outcome.evidence) < 700
    assert outcome.request_id == ""
    assert meaning_of(Answer(500, {"X-Request-Id": "abc-1"}, b"", True)).request_id == "abc-1"


@pytest.mark.parametrize(
    ("status", "code", "message", "gone"),
    [
        (404, "", "", True),
        (404, "DLI.0002", "", True),
        (404, "APIGW.0101", "", False),
        (404, "APIG.0101", "", False),
        (400, "DLI.0002", "", True),
        (400, "DLI.0023", "", True),
        (400, "DLI.0001", "The connection does not exist.", True),
        (400, "DLI.0001", "The parameter is invalid.", False),
        (400, "DLI.0999", "does not exist", False),
        (500, "DLI.0002", "", False),
        (403, "DLI.0002", "", False),
    ],
)
def test_not_found(status: int, code: str, message: str, gone: bool) -> None:
    """A connection is gone only where the service says so, and not where the gateway knows no such path."""
    assert says_not_found(Answer(status, {}, error(code, message) if code else b"", True)) is gone


# -- through the whole command

_LISTED = answer(b'{"is_success":true,"count":0,"connections":[]}', 200)


def _submits(folder: Path, url: str, **changes: str) -> Outcome:
    account = {
        "HOME": str(folder),
        "XDG_STATE_HOME": str(folder / "state"),
        **account_at(url),
    }
    (folder / "good.hosts").write_bytes(GOOD)
    command = ("submit", "good.hosts", "--name", "mrs", "--vpc", "V", "--subnet", "S", "--endpoint", url)
    outcome = dli_hosts(*command, "--settle", "0.2", "--timeout", "5", cwd=folder, env=account | changes)
    assert "Traceback" not in outcome.err
    return outcome


def _service(create: bytes | Script) -> Script:
    """A service that lists nothing and does this with a create call."""

    def script(server: Raw, sock: socket.socket) -> None:
        while True:
            if server.take(sock).startswith(b"GET"):
                server.send(sock, _LISTED)
            elif isinstance(create, bytes):
                server.send(sock, create)
            else:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                return

    return script


@pytest.mark.parametrize(
    ("create", "status", "state"),
    [
        (answer(made()), 0, "created"),
        (answer(made(is_success=False)), 4, "rejected"),
        (answer(error("DLI.0001"), 400), 4, "rejected"),
        (answer(error("DLI.1028"), 400), 4, "rejected"),
        (answer(error("APIGW.0304"), 403), 4, "rejected"),
        (answer(b"{}"), 5, "unknown"),
        (answer(error("DLI.0999"), 400), 5, "unknown"),
        (answer(b"", 307, "Location: http://127.0.0.1:9/"), 5, "unknown"),
        (resets(None), 5, "unknown"),
        (answer(error("APIGW.0308"), 429, "Retry-After: 301"), 75, "not-sent"),
    ],
)
def test_exit_statuses(create: bytes | Script, status: int, state: str, tmp_path: Path) -> None:
    """Outcome and exit status of the whole command; a create call arrives once."""
    with serve(_service(create)) as server:
        outcome = _submits(tmp_path, server.url)
    assert (outcome.status, outcome.out.partition(":")[0]) == (status, state)
    assert sum(request.startswith(b"POST") for request in server.requests) == 1


def test_nothing_of_the_environment_is_used(tmp_path: Path) -> None:
    """A .netrc in the home folder changes no authorization, and no proxy is asked about this machine."""
    (tmp_path / ".netrc").write_text("default login evil password evil\n")
    (tmp_path / ".netrc").chmod(0o600)
    with serve(hangs) as proxy, serve(_service(answer(made()))) as server:
        changes = dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"), proxy.url)
        assert _submits(tmp_path, server.url, NETRC=str(tmp_path / ".netrc"), **changes).status == 0
        assert proxy.connections == 0
    for request in server.requests:
        assert b"\r\nAuthorization: SDK-HMAC-SHA256 Access=AK," in request
        assert b"Basic" not in request
    assert os.environ.get("HOME") != str(tmp_path)
