"""The verbs that send, run against a sandbox with its account in the environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from accounts import account_of
from command import Outcome, dli_hosts

from importer.sandbox.serve import Running

CONNECTION = ("--name", "mrs", "--vpc", "V", "--subnet", "S")
HOSTS = [{"ip": "10.20.0.11", "name": "kafka01"}, {"ip": "10.20.0.12", "name": "kafka02"}]


def run(sandbox: Running, folder: Path, *arguments: str, **changes: str) -> Outcome:
    """Run a verb with the sandbox's account in the environment."""
    account = {
        "HOME": str(folder),
        "XDG_STATE_HOME": str(folder / "state"),
        "HUAWEICLOUD_SDK_PROJECT_ID": sandbox.project_id,
        **account_of(sandbox),
    }
    verb, *rest = arguments
    where = () if verb == "status" else ("--endpoint", sandbox.endpoint)
    outcome = dli_hosts(verb, *rest, *where, cwd=folder, env=account | changes)
    assert "Traceback" not in outcome.err
    return outcome


def submit(sandbox: Running, folder: Path, *arguments: str, **changes: str) -> Outcome:
    """Submit the good list."""
    return run(sandbox, folder, "submit", "good.hosts", *CONNECTION, "--settle", "0.3", *arguments, **changes)


def posts(sandbox: Running) -> int:
    """Number of create calls that arrived."""
    return sum(1 for arrival in sandbox.log() if arrival["method"] == "POST")


def live(sandbox: Running) -> list[tuple[str, int]]:
    """Name and number of hosts of each live connection."""
    return [
        (one.name, len(sandbox.store.hosts(one.id)))
        for one in sandbox.store.connections()
        if one.status == "ACTIVE"
    ]


def events(outcome: Outcome) -> list[dict[str, Any]]:
    """The JSON objects of standard output, a line each."""
    return [json.loads(line) for line in outcome.out.splitlines()]


def journal_of(sandbox: Running, folder: Path, *journal: str) -> list[dict[str, Any]]:
    """The connections of the one journal, as `status` tells them."""
    told = run(sandbox, folder, "status", *journal, "--output-format", "json")
    (one,) = json.loads(told.out)["journals"]
    connections: list[dict[str, Any]] = one["connections"]
    return connections


def plan(sandbox: Running, folder: Path, *arguments: str) -> str:
    """What `plan --online` says of the good list."""
    return run(sandbox, folder, "plan", "good.hosts", *CONNECTION, "--online", "-q", *arguments).out
