"""`dli-hosts sandbox` as a process: its one line, its end, its errors, what it keeps."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from begun import Process, begin
from command import assert_cannot_work, dli_hosts
from serving import sandbox, wanted

from importer.sandbox.rules import KINDS

KEYS = ["endpoint", "iam_endpoint", "project_id", "access_key", "secret_key", "token"]


@contextlib.contextmanager
def process(folder: Path, *arguments: str) -> Iterator[tuple[Process, dict[str, Any]]]:
    """A sandbox in a process of its own, and the line it printed."""
    with begin("sandbox", *arguments, cwd=folder) as running:
        try:
            yield running, json.loads(running.stdout.readline())
        finally:
            running.kill()


def call(line: dict[str, Any], method: str, body: Any = None) -> Any:
    """One call at the printed address with the printed token."""
    path = f"/v2.0/{line['project_id']}/datasource/enhanced-connections"
    headers = {"X-Auth-Token": line["token"], "Content-Type": "application/json"}
    address = urlsplit(line["endpoint"]).netloc
    with contextlib.closing(http.client.HTTPConnection(address, timeout=20)) as connection:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        return json.loads(connection.getresponse().read())


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_one_line_then_serves(number: int, status: int, tmp_path: Path) -> None:
    """One line of JSON, then it serves quietly until a signal, even with a request that hangs."""
    with process(tmp_path, "--fault", "hang:op=list,seconds=600") as (running, line):
        assert list(line) == KEYS
        assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+", line["endpoint"])
        assert line["iam_endpoint"] == line["endpoint"]
        assert call(line, "POST", wanted())["is_success"] is True
        address = urlsplit(line["endpoint"]).netloc
        with contextlib.closing(http.client.HTTPConnection(address, timeout=20)) as hanging:
            path = f"/v2.0/{line['project_id']}/datasource/enhanced-connections"
            hanging.request("GET", path, headers={"X-Auth-Token": line["token"]})
            running.send_signal(number)
            out, err = running.communicate()
        assert running.returncode == status
        assert out == ""
        assert len(err.splitlines()) == 1


def test_data_across_runs(tmp_path: Path) -> None:
    """With --data the keys and the connections are there again, even after a kill; else keys are new."""
    lines = []
    for _ in range(2):
        with process(tmp_path, "--data", "kept") as (running, line):
            lines.append(line)
            call(line, "POST", wanted())
            running.kill()
    with process(tmp_path, "--data", "kept") as (_, line):
        assert call(line, "GET")["count"] == 2
    for first, second in ((lines[0], lines[1]), (lines[0], line)):
        assert {key: first[key] for key in KEYS[2:]} == {key: second[key] for key in KEYS[2:]}
    with process(tmp_path) as (_, other), process(tmp_path) as (_, another):
        assert all(len({line[key], other[key], another[key]}) == 3 for key in KEYS[2:])


def test_usage_errors(tmp_path: Path) -> None:
    """Addresses, ports, files and rules that mean nothing."""
    with sandbox() as client:
        port = client.address.rpartition(":")[2]
        assert_cannot_work(dli_hosts("sandbox", "--port", port, cwd=tmp_path), port, "cannot listen")
    for arguments, words in (
        (("--host", "0.0.0.0"), ("0.0.0.0", "loopback")),
        (("--fault", "comit-reset"), ("comit-reset", "did you mean commit-reset?")),
        (("--data", "none/data"), ("--data", "none/data")),
    ):
        assert_cannot_work(dli_hosts("sandbox", *arguments, cwd=tmp_path), *words)


def test_help_lists_the_faults(tmp_path: Path) -> None:
    """Every kind of fault has a line of its own in the help."""
    lines = dli_hosts("sandbox", "--help", cwd=tmp_path).out.splitlines()
    for kind, of in KINDS.items():
        assert f"  {kind:<20} {of.summary}" in lines
