"""What becomes of connections after they were made: pools, twins, what is gone; and who gets to know it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import GOOD, dli_hosts
from submitting import HOSTS, events, journal_of, plan, posts, run, submit

from importer.planning.identity import identity_of_body
from importer.sandbox.page import read_create
from importer.sandbox.serve import Running, start
from importer.sending.journal import open_journal


@pytest.mark.parametrize(("rules", "status"), [([], 0), (["peering-failed:name=p"], 4)])
def test_wait(rules: list[str], status: int, folder: Path) -> None:
    """--wait ends when each pool is ACTIVE or FAILED; why one failed is told, with 4."""
    with start(faults=rules, peering_seconds=0.2) as sandbox:
        outcome = submit(sandbox, folder, "--pool", "p", "--wait")
    assert outcome.status == status
    assert ("p FAILED: " if status else "p ACTIVE") in outcome.out


def test_wait_has_an_end(folder: Path) -> None:
    """A pool that stays CREATING is told as such when the time is over, with 5."""
    with start(peering_seconds=1000) as sandbox:
        outcome = submit(sandbox, folder, "--pool", "p", "--wait", "--wait-timeout", "0.1")
    assert outcome.status == 5
    assert "p is still CREATING" in outcome.out
    assert "1 request: 1 created, 1 of them not known to be ready" in outcome.err


def test_what_a_wait_finds_is_kept(folder: Path) -> None:
    """Pools that are still coming or have failed are no doubt about the connection, and `status` knows them.

    A created connection is counted as created, whatever is not known of its pools; the next run clears it.
    """
    with start(faults=["peering-failed:name=bad"], peering_seconds=1000) as sandbox:
        first = submit(
            sandbox, folder, "--pool", "good", "--wait", "--wait-timeout", "0", "--output-format", "json"
        )
        summary = events(first)[-1]
        assert (first.status, summary["counts"], summary["unsure"]) == (5, {"created": 1}, 1)
        told = run(sandbox, folder, "status")
        assert (told.status, told.out.splitlines()[2].split(":")[0]) == (0, "pending")
        assert "good is still CREATING" in told.out
        assert told.out.splitlines()[-1].startswith("  dli-hosts submit good.hosts ")
    with start(faults=["peering-failed:name=bad"], peering_seconds=0) as sandbox:
        for pool, state, status in (("good", "fine", 0), ("bad", "defective", 4)):
            name = ("--name", f"c_{pool}", "--pool", pool, "--journal", "other")
            assert submit(sandbox, folder, *name, "--wait").status == status
            records = [
                one["records"] for one in journal_of(sandbox, folder, "other") if one["name"] == f"c_{pool}"
            ]
            assert records[0][-1].get("state", "fine") == state
        told = run(sandbox, folder, "status", "other")
        assert "defective: c_bad, id " in told.out
        assert "bad FAILED: Failed to create the VPC peering connection" in told.out
        again = submit(sandbox, folder, *name)
        assert (again.status, again.out.partition(":")[0]) == (4, "defective")


def test_an_interrupted_wait_leaves_what_is_created_created(folder: Path) -> None:
    """Throttled away while it waits: the connection is created, and the run can be repeated later, 75."""
    with start(peering_seconds=1000) as sandbox:
        sandbox.faults(["throttle:op=show,seconds=999"])
        outcome = submit(sandbox, folder, "--pool", "p", "--wait", "--output-format", "json")
        summary = events(outcome)[-1]
    assert (outcome.status, summary["counts"], summary["halted"]) == (75, {"created": 1}, "throttled")


# -- made twice


def test_twins_are_told(sandbox: Running, folder: Path) -> None:
    """A call that is carried out after the window, and a second one: both ids, status 4, in every form."""
    sandbox.faults(["reset-after:times=1"])
    assert submit(sandbox, folder).status == 5
    second = submit(sandbox, folder)
    assert (second.status, posts(sandbox)) == (0, 2)
    (made,) = sandbox.store.connections()
    body = {"name": "mrs", "dest_vpc_id": "V", "dest_network_id": "S", "hosts": HOSTS}
    late = sandbox.store.create(read_create(json.dumps(body).encode()))
    outcome = submit(sandbox, folder)
    assert (outcome.status, posts(sandbox)) == (4, 2)
    assert outcome.out == (
        f"exists: mrs, 2 hosts, id {made.id} "
        f"(created by an earlier run; the name is taken 2 times: {made.id}, {late})\n"
    )
    lines = outcome.err.splitlines()
    assert f"mrs is there more than once: {made.id} and {late}" in lines
    assert lines[-2].startswith(
        "  keep one, delete the rest in the console, then run the same command again: "
    )
    assert lines[-1] == "1 request: 1 exists, 1 of them there more than once"
    told = events(submit(sandbox, folder, "--output-format", "json"))
    assert [one["type"] for one in told] == ["start", "event", "result", "summary"]
    assert (told[1]["event"], told[2]["twins"], told[3]["twins"]) == ("twins", [late], 1)
    status = run(sandbox, folder, "status")
    assert f"twins: mrs, id {made.id}, " in status.out
    assert late in status.out
    assert "keep one, delete the rest in the console, then run:" in status.out
    assert f"taken-twice: mrs, 2 hosts from good.hosts (by {made.id}, {late}; " in plan(sandbox, folder)
    sandbox.store.delete(made.id)
    assert submit(sandbox, folder).status == 0
    assert run(sandbox, folder, "status").out.splitlines()[1:] == ["1 connection: 1 adopted"]
    assert posts(sandbox) == 2


def test_what_may_be_there_twice_is_told_until_it_is_looked_at(folder: Path) -> None:
    """Killed between the second call's answer and the look: `status` says so, and that a run looks."""
    target = identity_of_body({"name": "mrs", "dest_vpc_id": "V", "dest_network_id": "S"}).as_record()
    intent = {"request": "r", "target": target, "deadline": 1.0}
    with open_journal(folder / "j", endpoint="e", project_id="p", now=lambda: 1e9) as journal:
        journal.note_run("dli-hosts submit again", "folder")
        for kind in ("intent", "absent", "intent", "created"):
            journal.append(kind, "mrs", id="id-1", **intent)
    told = dli_hosts("status", "j", cwd=folder)
    assert (told.status, told.out.splitlines()[1:]) == (
        5,
        [
            "1 connection: 1 unchecked",
            "the last run has not come to its end: it is still at work, or was cut off; to go on, run:",
            "  dli-hosts submit again",
            "unchecked: mrs, id id-1, 2001-09-09 01:46:40 UTC",
            "  it was created, and an earlier call may have made another one; to look it up, run:",
            "  dli-hosts submit again",
        ],
    )


def test_plan_online(sandbox: Running, folder: Path) -> None:
    """--online says of each request what the service has already."""
    submit(sandbox, folder)
    jobs = """
    [defaults]
    vpc = "V"
    subnet = "S"
    [[connection]]
    name = "mrs"
    files = ["good.hosts"]
    [[connection]]
    name = "fresh"
    """
    (folder / "jobs.toml").write_text(jobs, encoding="utf-8")
    plan = ("plan", "jobs.toml", "--online", "-q", "--detailed-exitcode")
    outcome = run(sandbox, folder, *plan)
    assert outcome.out.splitlines() == [
        "unchanged: mrs, 2 hosts from good.hosts",
        "create: fresh, 0 hosts",
    ]
    assert outcome.status == 3
    run(sandbox, folder, "submit", "jobs.toml")
    assert run(sandbox, folder, *plan).status == 0
    (folder / "good.hosts").write_bytes(GOOD + b"10.20.0.13 kafka03\n")
    told = run(sandbox, folder, *plan).out.splitlines()
    assert told[1] == "  + 10.20.0.13 kafka03"
    assert told[0] == (
        "update: mrs, 3 hosts from good.hosts (+1 -0 ~0; submit leaves it as it is without --update)"
    )
    assert posts(sandbox) == 2


def test_plan_online_looks_at_the_journal(sandbox: Running, folder: Path) -> None:
    """What an earlier run did is told: gone, refused, or not known; and what submit would do about it."""
    sandbox.faults(["false-success:times=1"])
    submit(sandbox, folder)
    refused = "an earlier run was refused: HTTP 201 The connection could not be created."
    assert plan(sandbox, folder) == f"create: mrs, 2 hosts from good.hosts ({refused})\n"
    sandbox.faults(["reset-after:times=1"])
    assert submit(sandbox, folder).status == 5
    assert plan(sandbox, folder).startswith(
        "unknown: mrs, 2 hosts from good.hosts (an earlier run could not "
    )
    submit(sandbox, folder)
    assert plan(sandbox, folder) == "unchanged: mrs, 2 hosts from good.hosts\n"
    (one,) = sandbox.store.connections()
    sandbox.store.delete(one.id)
    gone = f"created by an earlier run (id {one.id}), and no longer there"
    said = (
        f"gone: mrs, 2 hosts from good.hosts ({gone}; submit does nothing about it without --recreate mrs)\n"
    )
    assert plan(sandbox, folder) == said
    assert plan(sandbox, folder, "--journal", "none").startswith("create: ") is False
    (row,) = json.loads(plan(sandbox, folder, "--output-format", "json"))["requests"]
    assert (row["action"], row["remark"].startswith(gone)) == ("gone", True)
    assert submit(sandbox, folder).out.startswith("gone: mrs")
    assert submit(sandbox, folder, "--recreate", "mrs").status == 0
    assert plan(sandbox, folder).startswith("unchanged: ")
