"""Who may ask the sandbox: nothing is told, kept or changed for a page in a browser, or without its keys."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from serving import JSON, Client, sandbox, signed, wanted

from importer.errors import UsageError
from importer.sandbox import body as bodies
from importer.sandbox import log as logs
from importer.sandbox.gateway import MOST_LOGIN
from importer.sandbox.log import Log
from importer.sandbox.serve import start

FOREIGN = [
    "evil.example",
    "evil.example:80",
    "127.0.0.1.evil.example",
    "10.0.0.1",
    "localhost.",
    "0.0.0.0",
    "[::2]",
    "",
]
OWN = ["127.0.0.1", "127.0.0.1:1", "127.9.9.9:65535", "localhost", "LOCALHOST:8000", "[::1]", "[::1]:80"]
PLACES = ["/sandbox/log", "/sandbox/connections", "/openapi.json"]


def test_a_host_of_somewhere_else() -> None:
    """A name that points to this machine is not this machine: a page of it reads and changes nothing."""
    with sandbox() as client:
        for host in FOREIGN:
            headers = client.headers() | {"Host": host}
            for method, path, body in (
                *(("GET", place, None) for place in PLACES),
                ("PUT", "/sandbox/faults", ["error-500"]),
                ("POST", client.base, wanted()),
                ("POST", "/v3/auth/tokens", {}),
            ):
                assert client.call(method, path, body, headers).status == 421, (host, path)
        for host in OWN:
            assert client.call("GET", "/sandbox/log", None, client.headers() | {"Host": host}).status == 200
        assert client.truth() == []


def test_the_key_is_wanted() -> None:
    """For the log, the connections and the faults: by token or by signature."""
    with sandbox() as client:
        for headers in ({}, {"X-Auth-Token": "x"}, {"Authorization": "x"}):
            for place in PLACES[:2]:
                assert client.call("GET", place, None, headers).status == 401
            assert (
                client.call("PUT", "/sandbox/faults", ["error-500"], headers | {"Content-Type": JSON}).status
                == 401
            )
        for place in PLACES[:2]:
            assert client.call("GET", place, None, signed(client, "GET", place)).status == 200
            spoilt = signed(client, "GET", place + "?x")
            assert client.call("GET", place, None, spoilt).status == 401
        assert client.create()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_nobody_signed_is_not_kept(chunked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What can be judged by the header is judged before the body is taken in; a log-in has a small one."""
    kept: list[int] = []

    class Kept(bytearray):
        """Tells how large it became."""

        def __iadd__(self, part: bytes) -> Kept:  # type: ignore[override,misc]
            self.extend(part)
            kept.append(len(self))
            return self

    monkeypatch.setattr(bodies, "bytearray", Kept, raising=False)
    size = 4 << 20
    with sandbox() as client:
        good = signed(client, "POST", client.base, b"")
        for path, headers, status in (
            (client.base, {}, 401),
            (client.base, {"X-Auth-Token": "x"}, 401),
            (
                client.base,
                good | {"authorization": good["authorization"].replace("Access=", "Access=0")},
                401,
            ),
            ("/nowhere", {}, 404),
            ("/v3/auth/tokens", {"Content-Type": JSON}, 413),
            ("/sandbox/faults", {}, 401),
        ):
            kept.clear()
            method = "PUT" if "faults" in path else "POST"
            with client.raw() as connection:
                lines = [f"{method} {path} HTTP/1.1", f"Host: {client.address}"]
                lines += [f"{name}: {value}" for name, value in headers.items() if name != "host"]
                lines += ["Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}", "", ""]
                connection.sendall("\r\n".join(lines).encode())
                part = b" " * 0x10000
                for _ in range(size // len(part)):
                    connection.sendall(b"10000\r\n" + part + b"\r\n" if chunked else part)
                connection.sendall(b"0\r\n\r\n" if chunked else b"")
                assert connection.recv(100).startswith(b"HTTP/1.1 %d " % status), path
            assert max(kept, default=0) <= (MOST_LOGIN if "tokens" in path else 0), path


def test_half_a_character_in_a_name() -> None:
    """It spoils neither the log nor an answer, whoever sends it."""
    body = b'{"name": "\\ud800", "x": "\\udfff"}'
    with sandbox(faults=["server-error:name=x,times=1"]) as client:
        for headers in ({"Content-Type": JSON}, client.headers()):
            assert client.call("POST", client.base, body, headers).status in (400, 401)
        assert [one["name"] for one in client.call("GET", "/sandbox/log").json()] == ["", "\\ud800"]


def test_the_log_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """In bytes, and each text of it: the newest arrivals are there."""
    monkeypatch.setattr(logs, "MOST_BYTES", 50_000)
    log = Log()
    for number in range(1_000):
        log.arrived("M" * 1_000, f"/{number}/" + "p" * 60_000)
    kept = log.arrivals()
    assert 50 < len(kept) < 130
    assert kept[-1]["path"].startswith("/999/")
    assert all(len(one["path"]) + len(one["method"]) < 400 for one in kept)
    assert len(logs.plain("n" * 10_000)) == 64


# -- the file


def test_a_file_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    """It is somebody's decision who may read it; a new one is for its owner alone."""
    path = tmp_path / "data"
    with start(data=str(path)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    with start(data=str(path)) as running:
        assert Client(running).create()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_no_link_is_followed(tmp_path: Path) -> None:
    """Neither to a file that is there, nor to one that is not, nor into a pipe."""
    (tmp_path / "there").write_bytes(b"")
    for target in ("there", "not-there"):
        link = tmp_path / f"link-to-{target}"
        link.symlink_to(tmp_path / target)
        with pytest.raises(UsageError, match="--data"):
            start(data=str(link))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="no regular file"):
        start(data=str(tmp_path / "pipe"))
    assert (tmp_path / "there").read_bytes() == b""
    assert not (tmp_path / "not-there").exists()
