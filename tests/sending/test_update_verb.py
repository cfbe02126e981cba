"""Updates as users make them: plan, submit, guards, backups, rollback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inside import inside
from serving import Client
from submitting import events

from importer.sandbox.serve import Running, start

CONNECTION = ("--name", "mrs", "--vpc", "V", "--subnet", "S")
FIRST = [("10.0.0.1", "a"), ("10.0.0.2", "b"), ("10.0.0.3", "c")]
SECOND = [("10.0.0.4", "d"), ("10.0.0.9", "b"), ("10.0.0.1", "A")]
DIFF = [
    "update: mrs, 3 hosts from list (+1 -1 ~1 =1)",
    "  + 10.0.0.4 d",
    "  - 10.0.0.3 c",
    "  ~ 10.0.0.2 -> 10.0.0.9 b",
    "  = 10.0.0.1 a -> A",
]
LAST = "plan: 0 to create, 1 to update (+1 -1 ~1 =1), 0 unchanged, 0 in conflict"


@pytest.fixture
def sandbox() -> Iterator[Running]:
    """A local DLI whose pools are ACTIVE at once."""
    with start(seed=1, peering_seconds=0) as running:
        yield running


@pytest.fixture
def key(sandbox: Running, folder: Path) -> str:
    """A connection that somebody made, and a list that it is to have."""
    write(folder, SECOND)
    return Client(sandbox).create(
        name="mrs", dest_vpc_id="V", dest_network_id="S", hosts=objects(FIRST), elastic_resource_pools=["p"]
    )


def objects(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    """Pairs as the service takes them."""
    return [{"ip": ip, "name": name} for ip, name in pairs]


def write(folder: Path, pairs: list[tuple[str, str]]) -> None:
    """The list."""
    (folder / "list").write_text("".join(f"{ip} {name}\n" for ip, name in pairs), encoding="utf-8")


def numbered(start: int, end: int) -> list[tuple[str, str]]:
    """Hosts by number."""
    return [(f"10.0.0.{n}", f"n{n}") for n in range(start, end)]


def puts(sandbox: Running) -> int:
    """Number of update calls that arrived."""
    return sum(1 for arrival in sandbox.log() if arrival["method"] == "PUT")


def backup_of(folder: Path) -> Path:
    """The newest backup."""
    return max(folder.rglob("*.backup"), key=lambda path: path.stat().st_mtime_ns)


PLAN = ("plan", "list", *CONNECTION, "--online")
SUBMIT = ("submit", "list", *CONNECTION, "--settle", "0.3")


def test_plan_shows_what_would_change(sandbox: Running, folder: Path, key: str) -> None:
    """Host by host, with the counts as the last line; JSON has all of it; nothing is sent."""
    told = inside(sandbox, folder, *PLAN, "--update", "--detailed-exitcode")
    assert (told.status, told.out.splitlines(), told.err.splitlines()[-1]) == (3, DIFF, LAST)
    row = json.loads(inside(sandbox, folder, *PLAN, "--update", "--output-format", "json").out)["requests"][0]
    assert {key: row[key] for key in ("action", "connection_id", "mode", "refused")} == {
        "action": "update",
        "connection_id": key,
        "mode": "replace",
        "refused": None,
    }
    assert row["added"] == objects([("10.0.0.4", "d")])
    assert row["removed"] == objects([("10.0.0.3", "c")])
    assert row["changed"] == [{"name": "b", "former_ip": "10.0.0.2", "ip": "10.0.0.9"}]
    assert row["respelled"] == [{"ip": "10.0.0.1", "former_name": "a", "name": "A"}]
    assert puts(sandbox) == 0


def test_a_field_that_differs_is_a_conflict(sandbox: Running, folder: Path, key: str) -> None:
    """Both values are named; pools count where they are asked for; nothing is changed."""
    other = ("plan", "list", "--name", "mrs", "--vpc", "V2", "--subnet", "S", "--pool", "q", "--online")
    told = inside(sandbox, folder, *other, "--update", "-q")
    differences = "vpc: V2 asked for, V there; pools: q asked for, p there"
    assert told.out == f"conflict: mrs, 3 hosts from list ({differences})\n"
    row = json.loads(inside(sandbox, folder, *other, "--output-format", "json").out)["requests"][0]
    assert row["differences"] == [
        {"field": "vpc", "wanted": "V2", "there": "V"},
        {"field": "pools", "wanted": "q", "there": "p"},
    ]
    sent = inside(sandbox, folder, "submit", *other[1:-1], "--update", "--settle", "0.3")
    assert (sent.status, puts(sandbox)) == (4, 0)
    assert sandbox.store.hosts(key) == FIRST


def test_update_and_rollback(sandbox: Running, folder: Path, key: str) -> None:
    """Apply it, see it, regret it: one command puts the former hosts back."""
    done = inside(sandbox, folder, *SUBMIT, "--update", "--verify")
    assert (done.status, sandbox.store.hosts(key)) == (0, SECOND)
    assert done.out.startswith(f"updated: mrs, 3 hosts, id {key} (HTTP 200; 3 hosts there when it was ")
    assert done.out.endswith("read back: mrs, 3 hosts there, equal to the plan, p ACTIVE\n")
    assert inside(sandbox, folder, *PLAN, "--update", "-q", "--detailed-exitcode").status == 0
    again = inside(sandbox, folder, *SUBMIT, "--update")
    assert (again.status, again.out.partition(":")[0], puts(sandbox)) == (0, "exists", 1)
    backup = backup_of(folder)
    assert backup.stat().st_mode & 0o777 == 0o600
    status = inside(sandbox, folder, "status")
    assert "1 connection: 1 updated" in status.out
    assert f"  dli-hosts rollback {backup}" in status.out.splitlines()
    undone = inside(sandbox, folder, "rollback", str(backup))
    assert (undone.status, undone.out.partition(":")[0]) == (0, "updated")
    assert sorted(sandbox.store.hosts(key)) == FIRST
    assert inside(sandbox, folder, "rollback", str(backup)).out.startswith("exists: mrs, 3 hosts")


def test_a_plan_that_holds_updates_needs_no_flag(sandbox: Running, folder: Path, key: str) -> None:
    """It is applied as it was seen; after an edit by somebody else it is a conflict, and nothing is sent."""
    for name in ("one.plan", "two.plan"):
        assert inside(sandbox, folder, *PLAN, "--update", "-q", "-o", name).status == 0
    told = inside(sandbox, folder, "plan", "one.plan", "-q")
    assert told.out == "update: mrs, 3 hosts from list (of the 3 that were there when it was planned)\n"
    assert inside(sandbox, folder, "submit", "one.plan", "--settle", "0.3").status == 0
    sandbox.store.edit(key)
    after = sandbox.store.hosts(key)
    sent = inside(sandbox, folder, "submit", "two.plan", "--settle", "0.3")
    assert (sent.status, puts(sandbox), sandbox.store.hosts(key)) == (4, 1, after)
    assert "somebody else has changed its hosts since the plan was made (3 hosts then, 4 now)" in sent.out
    seen = inside(sandbox, folder, "plan", "two.plan", "--online", "-q").out
    assert seen.startswith("conflict: mrs, 3 hosts from list (somebody else has changed its hosts")


@pytest.mark.parametrize("change", ["mode", "hosts_sha256", "id"])
def test_an_edited_plan_is_refused(sandbox: Running, folder: Path, key: str, change: str) -> None:
    """What an update overwrites is covered by the digest too."""
    inside(sandbox, folder, *PLAN, "--update", "-q", "-o", "a.plan")
    plan = folder / "a.plan"
    update = json.loads(plan.read_text("utf-8").splitlines()[1])["update"]
    plan.write_text(plan.read_text("utf-8").replace(update[change], "merge"), "utf-8")
    assert inside(sandbox, folder, "submit", "a.plan").status == 2
    assert puts(sandbox) == 0


@pytest.mark.parametrize(
    ("there", "listed", "options", "refused"),
    [
        (numbered(0, 10), numbered(0, 7), (), ""),
        (numbered(0, 10), numbered(0, 6), (), "4 of its 10 hosts would be removed or moved, which is 40 % "),
        (numbered(0, 10), numbered(0, 6), ("--allow-removal", "40"), ""),
        (numbered(0, 9), numbered(0, 1), (), ""),
        (numbered(0, 20), numbered(50, 70), (), "20 of its 20 hosts would be removed or moved"),
        (numbered(0, 2), numbered(0, 2), ("--mode", "remove"), "all of its 2 hosts would be removed; "),
        (numbered(0, 2), numbered(0, 2), ("--mode", "remove", "--allow-empty"), ""),
        (numbered(0, 20), numbered(50, 70), ("--mode", "merge"), ""),
    ],
)
def test_guards(
    sandbox: Running, folder: Path, there: Any, listed: Any, options: tuple[str, ...], refused: str
) -> None:
    """A shrunk list, a wrong file and an emptied connection are refused with the figure and the option, 1."""
    key = Client(sandbox).create(name="mrs", dest_vpc_id="V", dest_network_id="S", hosts=objects(there))
    write(folder, listed)
    for verb, kept in (((*PLAN, "-o", "a.plan"), "a.plan"), (SUBMIT, None)):
        told = inside(sandbox, folder, *verb, "--update", *options)
        assert told.status == (1 if refused else 0)
        assert refused in told.err
        assert kept is None or (folder / kept).exists() is not bool(refused)
    assert puts(sandbox) == (0 if refused else 1)
    assert (sandbox.store.hosts(key) == there) is bool(refused)


def test_modes(sandbox: Running, folder: Path, key: str) -> None:
    """merge adds and moves, and removes nothing; remove takes away hosts of the same address and name."""
    write(folder, [("10.0.0.9", "b"), ("10.0.0.7", "new")])
    assert inside(sandbox, folder, *SUBMIT, "--update", "--mode", "merge").status == 0
    assert sandbox.store.hosts(key) == [
        ("10.0.0.1", "a"), ("10.0.0.3", "c"), ("10.0.0.9", "b"), ("10.0.0.7", "new"),
    ]  # fmt: skip
    write(folder, [("10.0.0.9", "B"), ("10.9.9.9", "a")])
    assert inside(sandbox, folder, *SUBMIT, "--update", "--mode", "remove").status == 0
    assert sandbox.store.hosts(key) == [("10.0.0.1", "a"), ("10.0.0.3", "c"), ("10.0.0.7", "new")]
    absent = ("submit", "list", "--name", "none", "--vpc", "V", "--subnet", "S")
    told = inside(sandbox, folder, *absent, "--update", "--mode", "remove")
    assert (told.status, told.out) == (4, "conflict: none, 2 hosts (there is no connection of that name)\n")
    assert len(sandbox.store.connections()) == 1


def test_jobs(sandbox: Running, folder: Path, key: str) -> None:
    """`update = true`, in a connection or in the defaults; one without hosts keeps what it has."""
    Client(sandbox).create(name="bare", dest_vpc_id="V", dest_network_id="S", hosts=objects(FIRST))
    jobs = """
    [defaults]
    vpc = "V"
    subnet = "S"
    update = true
    [[connection]]
    name = "mrs"
    files = ["list"]
    [[connection]]
    name = "bare"
    [[connection]]
    name = "new"
    files = ["list"]
    [[connection]]
    name = "fixed"
    files = ["list"]
    update = false
    """
    Client(sandbox).create(name="fixed", dest_vpc_id="V", dest_network_id="S", hosts=objects(FIRST))
    (folder / "jobs.toml").write_text(jobs, encoding="utf-8")
    offline = inside(sandbox, folder, "plan", "jobs.toml")
    assert "update = true is not planned without --online: what is there is not known" in offline.err
    told = inside(sandbox, folder, "plan", "jobs.toml", "--online")
    assert [line.partition(",")[0] for line in told.out.splitlines() if line[0] != " "] == [
        "update: mrs",
        "unchanged: bare",
        "create: new",
        "update: fixed",
    ]
    assert told.err.splitlines()[-1] == (
        "plan: 1 to create, 2 to update (+2 -2 ~2 =2), 1 unchanged, 0 in conflict; "
        "next: dli-hosts submit jobs.toml"
    )
    assert inside(sandbox, folder, "plan", "jobs.toml", "--online", "-q", "-o", "a.plan").status == 0
    held = [json.loads(line) for line in (folder / "a.plan").read_text("utf-8").splitlines()]
    assert [one["name"] for one in held if "update" in one] == ["mrs", "bare"]
    sent = inside(sandbox, folder, "submit", "jobs.toml", "--settle", "0.3", "--output-format", "json")
    states = {one["name"]: one["state"] for one in events(sent) if one["type"] == "result"}
    assert states == {"mrs": "updated", "bare": "exists", "new": "created", "fixed": "conflict"}
    assert (sent.status, sandbox.store.hosts(key)) == (4, SECOND)


@pytest.mark.parametrize(
    ("rule", "status", "state", "calls"),
    [
        ("commit-reset", 0, "updated", 1),
        ("commit-false", 0, "updated", 1),
        ("reset-after", 0, "updated", 2),
        ("throttle:seconds=0", 0, "updated", 2),
        ("late-commit:seconds=0.05", 0, "updated", 1),
        ("false-success", 4, "rejected", 1),
        ("half", 4, "conflict", 1),
        ("edited", 0, "updated", 1),
        ("edited-after", 4, "conflict", 1),
    ],
)
def test_faults(
    sandbox: Running, folder: Path, key: str, rule: str, status: int, state: str, calls: int
) -> None:
    """What becomes of an update whose call goes wrong once; the former hosts are kept and can be put back."""
    kind, _, rest = rule.partition(":")
    sandbox.faults([f"{kind}:op=update,times=1{',' if rest else ''}{rest}"])
    settle = "1" if kind == "late-commit" else "0.3"
    told = inside(sandbox, folder, *SUBMIT[:-1], settle, "--update", "-q")
    assert (told.status, told.out.partition(":")[0], puts(sandbox)) == (status, state, calls)
    assert (sandbox.store.hosts(key) == SECOND) is (state == "updated")
    back = inside(sandbox, folder, "rollback", str(backup_of(folder)), "--settle", "0.3")
    assert (back.status, sorted(sandbox.store.hosts(key))) == (0, FIRST)


def test_an_edit_that_the_plan_did_not_see(sandbox: Running, folder: Path, key: str) -> None:
    """Somebody edits between the look-up of a run and the read before its call: nothing is sent."""
    sandbox.faults(["edited:op=show,times=1"])
    told = inside(sandbox, folder, *SUBMIT, "--update", "-q")
    assert (told.status, told.out.partition(":")[0], puts(sandbox)) == (4, "conflict", 0)
    assert ("192.0.2.1", "else-1") in sandbox.store.hosts(key)


def test_an_update_that_nobody_can_tell(sandbox: Running, folder: Path, key: str) -> None:
    """It stays open with 5; `status` says so, and the next run reads it first."""
    sandbox.faults(["reset-after:op=update"])
    told = inside(sandbox, folder, *SUBMIT, "--update", "-q")
    assert (told.status, told.out.partition(":")[0], puts(sandbox)) == (5, "unknown", 2)
    status = inside(sandbox, folder, "status")
    assert (status.status, "unknown: mrs" in status.out) == (5, True)
    assert "it is read again before anything is sent; run:" in status.out
    sandbox.faults([])
    done = inside(sandbox, folder, *SUBMIT, "--update", "-q")
    assert (done.status, done.out.partition(":")[0], sandbox.store.hosts(key)) == (0, "updated", SECOND)


def test_twins_and_deleted_ones_are_not_updated(sandbox: Running, folder: Path, key: str) -> None:
    """Two connections of the name are left as they are; a DELETED one counts as none."""
    twin = Client(sandbox).create(name="mrs", dest_vpc_id="V", dest_network_id="S")
    assert inside(sandbox, folder, *PLAN, "--update", "-q").out.startswith("taken-twice: mrs, ")
    assert inside(sandbox, folder, *SUBMIT, "--update", "-q").status == 4
    sandbox.store.delete(twin)
    assert inside(sandbox, folder, *PLAN, "--update", "-q").out.startswith("update: mrs, ")
    sandbox.store.delete(key)
    assert inside(sandbox, folder, *PLAN, "--update", "-q").out.startswith("create: mrs, ")
    assert puts(sandbox) == 0


def test_bad_backups(sandbox: Running, folder: Path, key: str) -> None:
    """One that was edited, one of another project, and one whose connection was made anew."""
    inside(sandbox, folder, *SUBMIT, "--update", "-q")
    backup = backup_of(folder)
    text = backup.read_text("utf-8")
    (folder / "edited").write_text(text.replace("10.0.0.3", "10.0.0.5"), "utf-8")
    told = inside(sandbox, folder, "rollback", "edited")
    assert (told.status, "edited: was changed or cut after it was written" in told.err) == (2, True)
    (folder / "cut").write_text(text[:-20], "utf-8")
    assert inside(sandbox, folder, "rollback", "cut").status == 2
    assert inside(sandbox, folder, "rollback", "list").status == 2
    assert inside(sandbox, folder, "rollback", "none").status == 2
    other = inside(sandbox, folder, "rollback", str(backup), "--project-id", "other", "--journal", "j")
    assert (other.status, "is of project" in other.err) == (2, True)
    sandbox.store.delete(key)
    Client(sandbox).create(name="mrs", dest_vpc_id="V", dest_network_id="S", hosts=objects(SECOND))
    anew = inside(sandbox, folder, "rollback", str(backup))
    assert (anew.status, puts(sandbox)) == (4, 1)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("plan", "list", *CONNECTION, "--update"), "--update has a meaning with --online only"),
        (("plan", "list", *CONNECTION, "--allow-empty"), "--allow-empty has a meaning"),
        ((*PLAN, "--mode", "merge"), "say --update too"),
        ((*SUBMIT, "--mode", "remove"), "say --update too"),
        (("submit", "a.plan", "--update"), "a.plan is a plan, to which --update does not apply"),
    ],
)
def test_mistakes(sandbox: Running, folder: Path, key: str, arguments: tuple[str, ...], word: str) -> None:
    """Options that would be without effect are a mistake."""
    inside(sandbox, folder, *PLAN, "--update", "-q", "-o", "a.plan")
    told = inside(sandbox, folder, *arguments)
    assert (told.status, puts(sandbox)) == (2, 0)
    assert word in told.err
