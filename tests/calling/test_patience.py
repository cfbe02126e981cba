"""IAM and the look-ups of `plan --online` are throttled like anything else: asked again, and then 75."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest
from accounts import profile
from command import GOOD, Outcome, dli_hosts
from raw_server import Raw, Script, answer, serve

from importer.sandbox.keys import REGION
from importer.sandbox.serve import start

BUSY = {
    "429": answer(b"{}", 429, "Retry-After: 0"),
    "503": answer(b"<html>", 503, "Retry-After: 0"),
    "403 APIGW.0308": answer(b'{"error_code": "APIGW.0308"}', 403, "Retry-After: 0"),
    "closed": b"",
}
TOO_LONG = answer(b"{}", 429, "Retry-After: 3600")
PROJECTS = answer(b'{"projects": [{"id": "p"}]}', 200)
LISTED = answer(b'{"connections": []}', 200)


def planned(folder: Path, url: str) -> Outcome:
    """`plan --online` with a project id that IAM has to tell."""
    (folder / "good.hosts").write_bytes(GOOD)
    account = {"HOME": str(folder)}
    command = (
        "plan",
        "--credentials",
        profile(folder),
        "good.hosts",
        "--name",
        "mrs",
        "--vpc",
        "V",
        "--subnet",
        "S",
        "--online",
        "-q",
    )
    return dli_hosts(*command, "--endpoint", url, "--region", "cn-north-4", cwd=folder, env=account)


def busy(part: bytes, times: int, path: bytes) -> Script:
    """A server that is busy so many times for paths of a kind."""
    left = times
    lock = threading.Lock()

    def script(server: Raw, sock: socket.socket) -> None:
        nonlocal left
        while True:
            request = server.take(sock)
            with lock:
                now = path in request.partition(b"\r\n")[0] and left > 0
                left -= now
            if now and not part:
                return
            server.send(sock, part if now else PROJECTS if b"/v3/projects" in request else LISTED)

    return script


@pytest.mark.parametrize("path", [b"/v3/projects", b"enhanced-connections"])
@pytest.mark.parametrize("kind", BUSY)
def test_it_is_asked_again(kind: str, path: bytes, tmp_path: Path) -> None:
    """A server that is busy twice is asked a third time, and then answers."""
    with serve(busy(BUSY[kind], 2, path)) as server:
        done = planned(tmp_path, server.url)
    assert (done.status, done.out.split(":")[0]) == (0, "create"), done.err


@pytest.mark.parametrize("path", [b"/v3/projects", b"enhanced-connections"])
@pytest.mark.parametrize("part", [TOO_LONG, b""], ids=["too long", "closed"])
def test_later(part: bytes, path: bytes, tmp_path: Path) -> None:
    """Beyond patience the status says that the same command may go on later."""
    with serve(busy(part, 1_000, path)) as server:
        done = planned(tmp_path, server.url)
    assert done.status == 75
    assert "error: " in done.err
    assert ("asked to wait 3,600 s" in done.err) is (part == TOO_LONG)


def test_iam_of_the_sandbox(tmp_path: Path) -> None:
    """The same with the sandbox's faults."""
    with start(faults=["unavailable:op=iam,times=1", "throttle:op=iam,times=1"]) as sandbox:
        (tmp_path / "good.hosts").write_bytes(GOOD)
        account = {"HOME": str(tmp_path)}
        keys = profile(tmp_path, sandbox.access_key, sandbox.secret_key)
        command = (
            "plan",
            "--credentials",
            keys,
            "good.hosts",
            "--name",
            "mrs",
            "--vpc",
            "V",
            "--subnet",
            "S",
            "--online",
        )
        where = ("--endpoint", sandbox.endpoint, "--region", REGION)
        assert dli_hosts(*command, *where, cwd=tmp_path, env=account).status == 0
