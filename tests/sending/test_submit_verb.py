"""`submit`, `plan --online` and `status` against a real server: what is told, kept, sent, and returned."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from accounts import account_of
from command import BAD, GOOD, assert_cannot_work, dli_hosts
from secrets_kept import forms
from submitting import CONNECTION, events, live, posts, run, submit

from importer.sandbox.serve import Running


def test_embedded_sandbox(folder: Path) -> None:
    """With --sandbox nothing but a list is needed: it is checked, sent and read back."""
    state = {"XDG_STATE_HOME": str(folder / "state")}
    outcome = dli_hosts("submit", "good.hosts", *CONNECTION, "--sandbox", cwd=folder, env=state)
    assert outcome.status == 0
    first, second = outcome.out.splitlines()
    assert first.startswith("created: mrs, 2 hosts, id ")
    assert second == "read back: mrs, 2 hosts there, equal to the plan"
    assert outcome.err.splitlines()[-1] == "1 request: 1 created"
    assert not (folder / "state").exists()


def test_embedded_sandbox_with_data(folder: Path) -> None:
    """What a sandbox holds is kept with --data, and its journal beside it: the second run sends nothing."""
    command = ("submit", "good.hosts", *CONNECTION, "--sandbox", "--data", "box.db")
    states = [dli_hosts(*command, cwd=folder).out.partition(":")[0] for _ in range(2)]
    assert states == ["created", "exists"]
    with sqlite3.connect(folder / "box.db") as base:
        tables = base.execute("select name from sqlite_master").fetchall()
    base.close()
    assert tables
    assert (folder / "box.db.journal").stat().st_mode & 0o777 == 0o600


def test_created_once(sandbox: Running, folder: Path) -> None:
    """A second run of the same command reads the connection by its id, and sends nothing."""
    first, second = submit(sandbox, folder), submit(sandbox, folder)
    assert (first.status, second.status) == (0, 0)
    assert first.out.startswith("created: mrs, 2 hosts, id ")
    assert second.out.startswith("exists: mrs, 2 hosts, id ")
    assert "created by an earlier run" in second.out
    assert posts(sandbox) == 1
    assert live(sandbox) == [("mrs", 2)]


def test_another_journal_adopts(sandbox: Running, folder: Path) -> None:
    """Without the journal the connection is found by its name, and adopted since it is equal."""
    submit(sandbox, folder)
    outcome = submit(sandbox, folder, "--journal", "other.journal")
    assert outcome.status == 0
    assert "exists and is equal (tags and route table cannot be read back)" in outcome.out
    assert posts(sandbox) == 1


def test_conflict_is_left_alone(sandbox: Running, folder: Path) -> None:
    """A connection of that name with other hosts is told as a conflict, status 4, and stays as it is."""
    submit(sandbox, folder)
    (folder / "good.hosts").write_bytes(GOOD + b"10.20.0.13 kafka03\n")
    for journal in ("other.journal", "state"):
        extra = ("--journal", journal) if journal != "state" else ()
        outcome = submit(sandbox, folder, *extra)
        assert outcome.status == 4
        assert "differs in hosts (3 asked for, 2 there); left as it is; " in outcome.out
        assert "missing there: 10.20.0.13 kafka03)" in outcome.out
    assert posts(sandbox) == 1
    assert live(sandbox) == [("mrs", 2)]


def test_gone_is_told_and_created_anew_on_demand(sandbox: Running, folder: Path) -> None:
    """What was created and is gone is told with the command that creates it anew, which does so."""
    submit(sandbox, folder)
    (one,) = sandbox.store.connections()
    sandbox.store.delete(one.id)
    outcome = submit(sandbox, folder)
    assert outcome.status == 4
    assert outcome.out.startswith("gone: mrs")
    assert outcome.err.rstrip().splitlines()[-2].endswith("--recreate mrs")
    told = run(sandbox, folder, "status").out.splitlines()
    assert told[1] == "1 connection: 1 gone"
    assert told[2].startswith(f"gone: mrs, id {one.id}, ")
    assert told[4].startswith("  dli-hosts submit good.hosts ")
    assert told[4].endswith(" --recreate mrs")
    assert submit(sandbox, folder, "--recreate", "mrs").out.startswith("created: mrs")
    assert submit(sandbox, folder, "--recreate", "mrs").out.startswith("exists: mrs")
    assert live(sandbox) == [("mrs", 2)]


@pytest.mark.parametrize(
    ("faults", "status", "state", "connections"),
    [
        (["false-success"], 4, "rejected", 0),
        (["commit-false"], 0, "created", 1),
        (["commit-reset"], 0, "created", 1),
        (["commit-garbage"], 0, "created", 1),
        (["late-commit:seconds=0.1"], 0, "created", 1),
        (["error-500"], 5, "unknown", 0),
        (["server-error"], 5, "unknown", 0),
        (["reset-after"], 5, "unknown", 0),
        (["redirect"], 5, "unknown", 0),
        (["twin"], 4, "conflict", 1),
        (["throttle:seconds=0,times=2"], 0, "created", 1),
    ],
)
def test_faults(
    faults: list[str], status: int, state: str, connections: int, sandbox: Running, folder: Path
) -> None:
    """Each kind of trouble has its state and exit status; what is told as created is there."""
    sandbox.faults(faults)
    outcome = submit(sandbox, folder)
    assert (outcome.status, outcome.out.partition(":")[0]) == (status, state)
    assert len(live(sandbox)) == connections


def test_unknown_is_cleared_up_by_the_next_run(sandbox: Running, folder: Path) -> None:
    """A call that was lost stays open; `status` says so with 5, and the next run sends again, once."""
    sandbox.faults(["reset-after:times=1"])
    assert submit(sandbox, folder).status == 5
    told = run(sandbox, folder, "status")
    assert told.status == 5
    assert "unknown: mrs" in told.out
    assert "dli-hosts submit good.hosts" in told.out
    again = submit(sandbox, folder)
    assert (again.status, again.out.partition(":")[0]) == (0, "created")
    assert run(sandbox, folder, "status").status == 0
    assert live(sandbox) == [("mrs", 2)]


def test_throttling_ends_the_run(sandbox: Running, folder: Path) -> None:
    """A server that wants to be left alone for longer than five minutes is: status 75, nothing was sent."""
    sandbox.faults(["throttle:seconds=400,op=any"])
    outcome = submit(sandbox, folder)
    assert (outcome.status, posts(sandbox)) == (75, 0)
    assert "run the same command again" in outcome.err


def test_nobody_there(sandbox: Running, folder: Path) -> None:
    """Where nothing listens, nothing is sent, and the run can be repeated later: 75."""
    sandbox.stop()
    outcome = submit(sandbox, folder)
    assert outcome.status == 75
    assert outcome.out.startswith("not-sent: mrs")


def test_a_wrong_key_is_shown_once(sandbox: Running, folder: Path) -> None:
    """A refused signature ends the run after one call: five in a row would lock the key."""
    jobs = '[defaults]\nvpc = "V"\nsubnet = "S"\n' + "".join(
        f'[[connection]]\nname = "c{n}"\n' for n in range(9)
    )
    (folder / "jobs.toml").write_text(jobs, encoding="utf-8")
    outcome = run(sandbox, folder, "submit", "jobs.toml", **account_of(sandbox, secret_key="0" * 40))
    assert outcome.status == 4
    assert [arrival["status"] for arrival in sandbox.log()] == [401]
    assert "APIGW.0301" in outcome.err


def test_events(sandbox: Running, folder: Path) -> None:
    """With --output-format json every line is an object, from `start` with the version to `summary`."""
    sandbox.faults(["commit-reset:times=1"])
    told = events(submit(sandbox, folder, "--output-format", "json", "--verify", "--pool", "p"))
    assert [one["type"] for one in told] == ["start", "event", "event", "result", "read-back", "summary"]
    start_, result, back, summary = told[0], told[3], told[4], told[5]
    assert (start_["schema_version"], start_["requests"], start_["endpoint"]) == (1, 1, sandbox.endpoint)
    (one,) = sandbox.store.connections()
    assert (result["state"], result["connection_id"], result["hosts"]) == ("created", one.id, 2)
    assert (back["equal"], [pool["name"] for pool in back["pools"]]) == (True, ["p"])
    assert (summary["counts"], summary["exit_status"]) == ({"created": 1}, 0)


def test_a_plan_is_sent_as_it_is(sandbox: Running, folder: Path) -> None:
    """`submit PLAN` sends the planned bytes; the lists may have changed since; an edited plan is refused."""
    run(sandbox, folder, "plan", "good.hosts", *CONNECTION, "-o", "a.plan")
    (folder / "good.hosts").write_bytes(BAD)
    assert run(sandbox, folder, "submit", "a.plan").status == 0
    assert live(sandbox) == [("mrs", 2)]
    plan = folder / "a.plan"
    plan.write_text(plan.read_text("utf-8").replace("kafka01", "kafka09"), "utf-8")
    assert_cannot_work(run(sandbox, folder, "submit", "a.plan"), "was changed")


def test_a_faulty_list_sends_nothing(sandbox: Running, folder: Path) -> None:
    """Findings at error end the run with 1 before the service is asked anything."""
    outcome = run(sandbox, folder, "submit", "bad.hosts", *CONNECTION)
    assert outcome.status == 1
    assert sandbox.log() == []
    outcome = run(sandbox, folder, "submit", "bad.hosts", *CONNECTION, "--skip-refused")
    assert outcome.status == 0
    assert live(sandbox) == [("mrs", 1)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--sandbox", "--region", "cn-north-4"), ("--sandbox", "--region")),
        (("--sandbox", "--journal", "x"), ("--sandbox", "--journal")),
        (("--data", "x", "--region", "cn-north-4"), ("--data", "--sandbox")),
        (("--region", "cn-nowhere-9"), ("cn-nowhere-9",)),
        (("--region", "cn-north-4"), ("credentials",)),
        (("--endpoint", "http://dli.cn-north-4.myhuaweicloud.com"), ("https",)),
        (("--workers", "0"), ("--workers",)),
        (("--sandbox", "--recreate", "other"), ("--recreate other", "no such connection")),
        (("--settle", "nan"), ("--settle",)),
    ],
)
def test_mistakes(arguments: tuple[str, ...], words: tuple[str, ...], folder: Path) -> None:
    """A mistake in an option is told before a list is read or anything is sent."""
    state = {"HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}
    outcome = dli_hosts("submit", "good.hosts", *CONNECTION, *arguments, cwd=folder, env=state)
    assert outcome.status == 2
    assert all(word in outcome.err for word in words), outcome.err
    assert not (folder / "state").exists()


def test_no_secret_is_told_or_kept(sandbox: Running, folder: Path) -> None:
    """Secret key and token are in no output and in no file, in no form, whatever goes wrong."""
    token = folder / "token"
    token.write_text(sandbox.token + "\n")
    token.chmod(0o600)
    texts = []
    for faults in (
        [],
        ["commit-reset"],
        ["error-500"],
        ["garbage:op=list"],
        ["twin"],
        ["throttle:seconds=999"],
    ):
        sandbox.faults(faults)
        for number, secret in enumerate((("-v",), ("-v", "--token-file", "token"))):
            name = f"n{len(texts)}_{number}"
            outcome = submit(sandbox, folder, *secret, "--name", name, "--output-format", "json")
            texts.append(outcome.out + outcome.err)
    texts.append(run(sandbox, folder, "status", "-v").out)
    token.unlink()
    texts += [path.read_text("utf-8", "replace") for path in folder.rglob("*") if path.is_file()]
    for secret in (sandbox.secret_key, sandbox.token):
        for form in forms(secret):
            assert not [text for text in texts if form in text]


def test_state_is_private(sandbox: Running, folder: Path) -> None:
    """The journal is its owner's alone, in a folder that is so too, whatever the umask is."""
    submit(sandbox, folder)
    (journal,) = (folder / "state").rglob("*.journal")
    assert journal.stat().st_mode & 0o777 == 0o600
    assert journal.parent.stat().st_mode & 0o777 == 0o700
