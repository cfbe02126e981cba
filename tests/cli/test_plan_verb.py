"""`plan`: lists, jobs files and plans come to requests, faults are told all at once, nothing is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command import BAD, GOOD, Outcome, assert_cannot_work, dli_hosts

CONNECTION = ("--name", "mrs", "--vpc", "V", "--subnet", "S")
JOBS = """
[defaults]
vpc = "V"
subnet = "S"

[[connection]]
name = "one"
files = ["good.hosts"]

[[connection]]
name = "two"
hosts = ["10.0.0.1 a", "10.0.0.2 b"]

[[connection]]
name = "bare"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good list, a bad one, and a jobs file."""
    (tmp_path / "good.hosts").write_bytes(GOOD)
    (tmp_path / "bad.hosts").write_bytes(BAD)
    (tmp_path / "jobs.toml").write_text(JOBS, encoding="utf-8")
    return tmp_path


def planned(outcome: Outcome) -> list[tuple[str, int]]:
    """Names and numbers of hosts in JSON output."""
    return [(row["name"], row["hosts"]) for row in json.loads(outcome.out)["requests"]]


def bodies_of(plan: str) -> list[dict[str, Any]]:
    """The bodies of a plan file, each with the hosts that follow it."""
    bodies: list[dict[str, Any]] = []
    for line in plan.splitlines()[1:-1]:
        record = json.loads(line)
        if "body" in record:
            bodies.append(record["body"])
        else:
            bodies[-1]["hosts"].append(record)
    return bodies


def test_lists(folder: Path) -> None:
    """Lists and options are one request; the plan is kept as it is sent later, for its owner alone."""
    outcome = dli_hosts("plan", "good.hosts", *CONNECTION, "-o", "a.plan", cwd=folder)
    assert (outcome.status, outcome.out) == (0, "create: mrs, 2 hosts from good.hosts\n")
    assert "nothing was sent" in outcome.err
    assert (folder / "a.plan").stat().st_mode & 0o777 == 0o600
    (body,) = bodies_of((folder / "a.plan").read_text("utf-8"))
    assert body == {
        "name": "mrs",
        "dest_vpc_id": "V",
        "dest_network_id": "S",
        "hosts": [{"ip": "10.20.0.11", "name": "kafka01"}, {"ip": "10.20.0.12", "name": "kafka02"}],
    }


def test_jobs(folder: Path) -> None:
    """A jobs file is a request for each connection; one without a source of hosts has no `hosts`."""
    outcome = dli_hosts("plan", "jobs.toml", "-o", "-", "-q", cwd=folder)
    bodies = bodies_of(outcome.out)
    assert [body["name"] for body in bodies] == ["one", "two", "bare"]
    assert bodies[1]["hosts"] == [{"ip": "10.0.0.1", "name": "a"}, {"ip": "10.0.0.2", "name": "b"}]
    assert "hosts" not in bodies[2]


def test_plan_of_a_plan(folder: Path) -> None:
    """A plan says what it holds; it is the same one, with the same digest."""
    first = dli_hosts("plan", "jobs.toml", "-o", "a.plan", "--output-format", "json", cwd=folder)
    second = dli_hosts("plan", "a.plan", "--output-format", "json", cwd=folder)
    assert first.out == second.out
    assert planned(second) == [("one", 2), ("two", 2), ("bare", 0)]


def test_detailed_exit_status(folder: Path) -> None:
    """With --detailed-exitcode something to do is 3; offline all is to be done."""
    assert dli_hosts("plan", "jobs.toml", "--detailed-exitcode", cwd=folder).status == 3


def test_an_edited_plan_is_refused(folder: Path) -> None:
    """A host that was changed by hand is seen, and nothing is planned."""
    dli_hosts("plan", "jobs.toml", "-o", "a.plan", cwd=folder)
    plan = folder / "a.plan"
    plan.write_text(plan.read_text("utf-8").replace("10.0.0.1", "10.0.0.9"), "utf-8")
    assert_cannot_work(dli_hosts("plan", "a.plan", cwd=folder), "a.plan", "was changed")


def test_faults_of_all_lists_are_told(folder: Path) -> None:
    """Every list is checked, and each list's faults are told before the run ends with 1."""
    extra = '\n[[connection]]\nname = "three"\nfiles = ["bad.hosts"]\n'
    extra += '[[connection]]\nname = "four"\nhosts = "1.2.3 x"\n'
    (folder / "jobs.toml").write_text(JOBS + extra, encoding="utf-8")
    outcome = dli_hosts("plan", "jobs.toml", "-o", "a.plan", cwd=folder)
    assert (outcome.status, outcome.out) == (1, "")
    assert "N103 bad.hosts:2" in outcome.err
    assert "three: nothing is planned" in outcome.err
    assert "A205" in outcome.err
    assert "four: nothing is planned" in outcome.err
    assert not (folder / "a.plan").exists()


def test_lists_that_cannot_be_read_are_all_told(folder: Path) -> None:
    """Two lists that are not there are two errors and status 2."""
    extra = "".join(f'\n[[connection]]\nname = "n{n}"\nfiles = ["gone{n}.hosts"]\n' for n in (1, 2))
    (folder / "jobs.toml").write_text(JOBS + extra, encoding="utf-8")
    outcome = dli_hosts("plan", "jobs.toml", "-q", cwd=folder)
    assert (outcome.status, outcome.out) == (2, "")
    assert "gone1.hosts" in outcome.err
    assert "gone2.hosts" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("jobs.toml", "--on-conflict", "first"), ("--on-conflict", "jobs file")),
        (("jobs.toml", "--vpc", "V"), ("--vpc", "jobs file")),
        (("jobs.toml", "good.hosts"), ("stands alone",)),
        (("jobs.toml", "-o", "jobs.toml"), ("one of the inputs",)),
        (("jobs.toml", "-o", "good.hosts"), ("one of the inputs",)),
        (("good.hosts", *CONNECTION, "-o", "good.hosts"), ("one of the inputs",)),
        (("good.hosts",), ("lacks name, vpc, subnet",)),
        (("gone.toml",), ("gone.toml", "cannot be read")),
        (("good.hosts", *CONNECTION, "--online"), ("region",)),
    ],
)
def test_mistakes(arguments: tuple[str, ...], words: tuple[str, ...], folder: Path) -> None:
    """A mistake is told in one line, with what to do; no file is touched."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert_cannot_work(dli_hosts("plan", *arguments, cwd=folder, env={"HOME": str(folder)}), *words)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_split(folder: Path) -> None:
    """More than 20,000 hosts become numbered connections, and no two requests share a name."""
    lines = "".join(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255} host{n}\n" for n in range(20_001))
    (folder / "big.hosts").write_text(lines, encoding="utf-8")
    outcome = dli_hosts("plan", "big.hosts", *CONNECTION, "--split", "--output-format", "json", cwd=folder)
    assert planned(outcome) == [("mrs_1", 20_000), ("mrs_2", 1)]
    (folder / "jobs.toml").write_text(
        JOBS + '\n[[connection]]\nname = "mrs"\nfiles = ["big.hosts"]\nsplit = true\n'
        '[[connection]]\nname = "mrs_2"\n',
        encoding="utf-8",
    )
    assert_cannot_work(dli_hosts("plan", "jobs.toml", "-q", cwd=folder), "mrs_2")
