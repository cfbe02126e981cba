"""Files, streams and folders that were made to harm a run, or fail it: nothing hangs, and nothing is lost."""

from __future__ import annotations

import json
import os
import resource
import signal
import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from accounts import account_of
from begun import NOTHING, begin
from command import GOOD, PROGRAM, assert_cannot_work, dli_hosts, run_process
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from submitting import CONNECTION, live, posts, run, submit

from importer.calling.calls import Answer, Call
from importer.planning.identity import NotUnderstood, existing_of
from importer.planning.plan import plan_request
from importer.sandbox.serve import Running
from importer.sending.history import read_journal
from importer.sending.retry import Clock, Retry
from importer.sending.service import Gate, LookUpFailed, Service

NAMES = [f"c{number}" for number in range(8)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good list and a jobs file of eight connections."""
    (tmp_path / "good.hosts").write_bytes(GOOD)
    jobs = ['[defaults]\nvpc = "V"\nsubnet = "S"\n']
    jobs += [f'[[connection]]\nname = "{name}"\nhosts = ["10.0.0.1 {name}"]\n' for name in NAMES]
    (tmp_path / "jobs.toml").write_text("".join(jobs), "utf-8")
    return tmp_path


def in_shell(sandbox: Running, folder: Path, command: str) -> tuple[int, str]:
    """Run a command of the shell with `dli-hosts` and the sandbox's account; its status and its talk."""
    account = account_of(sandbox)
    command = command.replace("dli-hosts", f"'{PROGRAM[0]}' -m importer")
    outcome = run_process(["bash", "-c", command], folder, env=account)
    assert "Traceback" not in outcome.err
    return outcome.status, outcome.err


# -- what is no file


def test_a_list_in_a_pipe_is_whole(folder: Path) -> None:
    """Finding out whether an input is a plan or a jobs file takes nothing from a pipe, whoever writes it."""
    lines = "".join(f"10.0.{n >> 8}.{n & 255} node{n}\n" for n in range(2_000)).encode()
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(lines,))
    writer.start()
    outcome = dli_hosts("plan", "pipe", *CONNECTION, "-q", cwd=folder)
    writer.join()
    assert outcome.out == "create: mrs, 2,000 hosts from pipe\n"
    outcome = dli_hosts("plan", "/dev/stdin", *CONNECTION, "-q", cwd=folder, stdin=lines)
    assert outcome.out == "create: mrs, 2,000 hosts from /dev/stdin\n"


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/full", "pipe", ".", "..", "folder", "folder/."])
def test_a_journal_that_is_no_file(name: str, sandbox: Running, folder: Path) -> None:
    """It is refused at once by every verb; nothing is sent, and no lock is made beside it."""
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    before = sorted(path.name for path in folder.rglob("*"))
    assert_cannot_work(submit(sandbox, folder, "-q", "--journal", name), "is not a regular file")
    online = ("plan", "good.hosts", *CONNECTION, "--online", "-q", "--journal", name)
    assert_cannot_work(run(sandbox, folder, *online), "journal")
    assert_cannot_work(run(sandbox, folder, "status", name), "journal")
    assert sorted(path.name for path in folder.rglob("*")) == before
    assert not Path(f"{name}.lock").exists()
    assert posts(sandbox) == 0


@pytest.mark.parametrize("name", ["good.hosts", "jobs.toml", "empty\n"])
def test_a_journal_that_is_something_else(name: str, sandbox: Running, folder: Path) -> None:
    """A file that never was a journal is called that, and left as it is."""
    path = folder / name
    path.touch()
    before = path.read_bytes()
    outcome = run(sandbox, folder, "status", name)
    assert_cannot_work(outcome, "is not a journal that this version can read")
    if before:
        assert_cannot_work(submit(sandbox, folder, "-q", "--journal", name), "is not a journal")
        assert path.read_bytes() == before


def test_names_that_steer_a_terminal(sandbox: Running, folder: Path) -> None:
    """No control character of a file's name is written as such, in talk, results, journal or advice."""
    name = "a\x1b[2J\u202e.hosts"
    (folder / name).write_bytes(GOOD)
    (folder / "bad\x1b[31m").mkdir()
    sandbox.faults(["reset-after"])
    outcomes = [
        run(sandbox, folder, "submit", name, *CONNECTION, "--settle", "0", "--journal", "bad\x1b[31m/j"),
        run(sandbox, folder, "status", "bad\x1b[31m/j"),
        run(sandbox, folder, "plan", name, *CONNECTION, "-o", "plan\x1b[0m"),
        run(sandbox, folder, "submit", name, *CONNECTION, "--journal", "bad\x1b[31m"),
    ]
    assert [outcome.status for outcome in outcomes] == [5, 5, 0, 2]
    for outcome in outcomes:
        assert all(char.isprintable() or char == "\n" for char in outcome.out + outcome.err), outcome
    assert "\\x1b[2J" in outcomes[1].out


# -- streams, folders and disks that fail


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("workers", [1, 4])
def test_results_that_cannot_be_written(form: str, workers: int, sandbox: Running, folder: Path) -> None:
    """A full disk under standard output ends the run in order: what is under way is kept in the journal."""
    command = (
        "submit", "jobs.toml", "--endpoint", sandbox.endpoint, "--journal", "j", "--workers", str(workers),
        "--output-format", form,
    )  # fmt: skip
    account = account_of(sandbox)
    with open("/dev/full", "wb", buffering=0) as full:
        run = begin(*command, cwd=folder, env=account, stdout=full.fileno())
    with run:
        _, err = run.communicate()
    assert "Traceback" not in err
    assert run.returncode == 2
    assert "standard output cannot be written: No space left on device" in err
    assert "the journal knows what was sent" in err
    sent = posts(sandbox)
    assert sent <= workers
    entries = read_journal(folder / "j").entries
    assert len(entries) == sent
    assert all(entry.is_done for entry in entries.values())
    assert dli_hosts(*command, cwd=folder, env=account).status == 0
    assert sorted(name for name, _ in live(sandbox)) == NAMES
    assert posts(sandbox) == len(NAMES)


def test_results_that_have_nowhere_to_go(sandbox: Running, folder: Path) -> None:
    """With standard output closed nothing is sent; without standard error all is."""
    command = f"dli-hosts submit jobs.toml --endpoint {sandbox.endpoint} --journal j"
    status, err = in_shell(sandbox, folder, f"{command} >&-")
    assert (status, posts(sandbox)) == (2, 0)
    assert "standard output is closed" in err
    assert in_shell(sandbox, folder, f"{command} 2>&- > out")[0] == 0
    assert posts(sandbox) == len(NAMES)


def test_a_reader_that_leaves(sandbox: Running, folder: Path) -> None:
    """Whoever reads the results may stop reading: everything is sent all the same."""
    command = f"dli-hosts submit jobs.toml --endpoint {sandbox.endpoint} --journal j | head -n 1 > out"
    assert in_shell(sandbox, folder, f"set -o pipefail; {command}")[0] == 0
    assert len((folder / "out").read_text().splitlines()) == 1
    assert posts(sandbox) == len(NAMES)


def test_a_folder_that_is_gone(sandbox: Running, folder: Path) -> None:
    """A run needs no folder to be in."""
    command = f"dli-hosts submit {folder}/jobs.toml --endpoint {sandbox.endpoint} --journal {folder}/j"
    gone = f"mkdir d && cd d && rmdir ../d && PYTHONSAFEPATH=1 {command} > {folder}/out"
    assert in_shell(sandbox, folder, gone)[0] == 0
    assert posts(sandbox) == len(NAMES)


@pytest.mark.parametrize("limit", [600, 1_500, 2_345])
@pytest.mark.parametrize("workers", [1, 4])
def test_a_disk_that_is_full(limit: int, workers: int, sandbox: Running, folder: Path) -> None:
    """When the journal cannot be written nothing more is sent; with room again the next run ends it."""

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    account = account_of(sandbox)
    command = ("submit", "jobs.toml", "--endpoint", sandbox.endpoint, "--journal", "j", "--settle", "0.3",
               "--workers", str(workers), "-q")  # fmt: skip
    outcome = dli_hosts(*command, cwd=folder, env=account, prepare=small_files)
    assert outcome.status == 2, outcome
    assert "cannot be written: File too large" in outcome.err
    assert "make room, then run the same command again" in outcome.err
    told = [line.split(": ")[1].split(",")[0] for line in outcome.out.splitlines()]
    assert sorted(told) == NAMES  # each request has its line all the same
    assert not [line for line in outcome.out.splitlines() if line.startswith("created") and limit == 600]
    intents = {name for name, entry in read_journal(folder / "j").entries.items() if entry.records}
    assert {name for name, _ in live(sandbox)} <= intents
    again = dli_hosts(*command, cwd=folder, env=account)
    assert again.status == 0, again
    assert sorted(name for name, _ in live(sandbox)) == NAMES


# -- two at once


def test_two_runs_at_once(sandbox: Running, folder: Path) -> None:
    """The second run is refused and says who has the journal, or waits for it if it is told to."""
    sandbox.faults(["hang:name=c0,seconds=600"])
    account = {
        **account_of(sandbox),
        "XDG_STATE_HOME": str(folder / "state"),
        "HOME": str(folder),
    }
    command = ("submit", "jobs.toml", "--endpoint", sandbox.endpoint, "-q", "--settle", "0")
    with begin(*command, cwd=folder, env=account, stdout=NOTHING) as first:
        while not posts(sandbox):
            assert first.poll() is None
            os.sched_yield()
        outcome = run(sandbox, folder, "submit", "jobs.toml", "-q")
        assert_cannot_work(outcome, f"is in use by another run (process {first.pid})")
        waiting = begin(*command, "--lock-timeout", "600", cwd=folder, env=account)
        sandbox.faults([])
        first.kill()
    with waiting:
        out, _ = waiting.communicate()
    assert waiting.returncode == 0
    assert out.count("\n") == len(NAMES)
    assert sorted(name for name, _ in live(sandbox)) == NAMES


# -- what a service may say


def test_a_list_that_goes_round_in_a_circle() -> None:
    """A service that gives the same page whatever is asked for is not asked on and on."""
    item = {"name": "other", "dest_vpc_id": "V", "dest_network_id": "S"}
    calls = []

    def send(call: Call) -> Answer:
        calls.append(call)
        limit = int(parse_qs(urlsplit(call.url).query)["limit"][0])
        page = [item | {"id": f"id-{number}"} for number in range(limit)]
        return Answer(200, {}, json.dumps({"connections": page}).encode(), True)

    service = Service(send, "http://x", Retry(Clock(lambda: 0, lambda: 0, lambda _: 0, lambda: 0)), Gate())
    with pytest.raises(LookUpFailed, match="goes round in a circle"):
        service.find("mrs")
    assert len(calls) == 2


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
parts = st.lists(st.fixed_dictionaries({"name": anything}, optional={"status": anything}), max_size=2)
items = st.fixed_dictionaries(
    {},
    optional={
        "id": st.just("x-1") | anything,
        "name": st.just("mrs") | anything,
        "status": st.sampled_from(["ACTIVE", "deleted"]) | anything,
        "hosts": st.lists(st.fixed_dictionaries({"ip": anything, "name": anything}), max_size=2) | anything,
        "elastic_resource_pools": parts | anything,
        "available_queue_info": parts | anything,
        "dest_vpc_id": anything,
    },
)


@examples(3)
@given(items | anything)
def test_whatever_is_said_of_a_connection(item: Any) -> None:
    """A connection, none, or one that is not understood; nothing else is raised."""
    try:
        existing = existing_of(item)
    except NotUnderstood:
        return
    if existing is not None:
        assert isinstance(existing.failed + existing.pending, str)
        json.dumps(existing.identity.as_record())


def test_what_is_said_is_told_in_part() -> None:
    """However many pools and hosts a service names, and at whatever length: a line for a person stays one."""
    pool = {"name": "p" * 10_000, "status": "FAILED", "err_msg": "x" * 10_000}
    hosts = [{"ip": "10.0.0.1", "name": f"{number}\x1b" * 1_000} for number in range(1_000)]
    item = {"id": "x", "name": "mrs", "hosts": hosts, "elastic_resource_pools": [pool] * 1_000}
    existing = existing_of(item)
    assert existing is not None
    planned = plan_request({"name": "mrs", "dest_vpc_id": "V", "dest_network_id": "S"})
    told = planned.apart(existing)
    assert len(existing.failed) < 2_500
    assert len(told) < 1_000
    assert told.isprintable()
    assert told.endswith(" and 997 more")
    slow = existing_of(item | {"elastic_resource_pools": [pool | {"status": "s" * 9_999}]})
    assert slow is not None
    assert slow.pending == f"{'p' * 80} is still {'S' * 80}"
