"""One journal, one run: by whatever name it is reached, whether or not locks work, with streams closed."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from typing import Any

import pytest
from accounts import account_of
from begun import CLOSED, begin
from command import GOOD
from submitting import CONNECTION, live, run, submit

from importer.calling.calls import Answer
from importer.errors import JournalError
from importer.sandbox.serve import Running
from importer.sending import journal as module
from importer.sending.history import read_journal
from importer.sending.journal import Journal, open_journal
from importer.sending.retry import Clock, Retry
from importer.sending.service import Gate, Service

PLACE: dict[str, Any] = {"endpoint": "e", "project_id": "p", "now": lambda: 1.5}


def fill(journal: Journal, *names: str) -> None:
    """Records that need nothing else."""
    for name in names:
        journal.append("not-sent", name, evidence="")


@pytest.mark.parametrize("how", ["hard link", "link to the folder"])
def test_two_names(how: str, tmp_path: Path) -> None:
    """A journal that is reached by two names is one journal: the second run is kept out, or waits."""
    (tmp_path / "a").mkdir()
    path = tmp_path / "a" / "j"
    with open_journal(path, **PLACE) as journal:
        fill(journal, "mrs")
        if how == "hard link":
            other = tmp_path / "other"
            os.link(path, other)
        else:
            (tmp_path / "b").symlink_to("a")
            other = tmp_path / "b" / "j"
        for patience in (0.0, 0.1):
            with (
                pytest.raises(JournalError, match="in use by another run"),
                open_journal(other, **PLACE, patience=patience),
            ):
                raise AssertionError
        fill(journal, "mrs")
    with open_journal(other, **PLACE, patience=1.0) as journal:
        assert len(journal.entry("mrs").records) == 2


@pytest.mark.parametrize("number", [1, 3])
def test_a_lock_that_locks_nothing(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two runs that both got the lock, the one that sees a foreign byte writes nothing more."""
    monkeypatch.setattr(module, "lock_file", lambda *_, **__: True)
    path = tmp_path / "j"
    with open_journal(path, **PLACE) as first:
        fill(first, "mrs")
        with open_journal(path, **PLACE) as second:
            fill(second, *("mrs",) * number)
            size = path.stat().st_size
            for _ in range(2):
                with pytest.raises(JournalError, match="was written by somebody else") as caught:
                    fill(first, "mrs")
                assert "file system with locks" in caught.value.hint
            assert path.stat().st_size == size
            fill(second, "mrs")
    assert len(read_journal(path).entries["mrs"].records) == number + 2


def test_two_that_write_at_one_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody else writes between the look and the write is seen behind the write: no call follows."""
    path = tmp_path / "j"
    with open_journal(path, **PLACE) as journal:
        write = os.write

        def both(handle: int, data: bytes) -> int:
            monkeypatch.setattr(os, "write", write)
            with path.open("ab") as other:
                other.write(b"foreign")
            return write(handle, data)

        monkeypatch.setattr(os, "write", both)
        with pytest.raises(JournalError, match="was written by somebody else"):
            fill(journal, "mrs")
        with pytest.raises(JournalError, match="was written by somebody else"):
            fill(journal, "mrs")


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EACCES, errno.EROFS, errno.EIO])
def test_no_hint_invites_a_second_journal(code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal that cannot be locked or opened is not replaced by one that knows nothing."""

    def fails(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", fails)
    with pytest.raises(JournalError) as caught, open_journal(tmp_path / "j", **PLACE):
        raise AssertionError
    assert "another" not in caught.value.hint
    locks = code in (errno.ENOLCK, errno.EOPNOTSUPP)
    assert ("has no locks" in caught.value.hint) is locks
    assert ("would not know what was sent" in caught.value.hint) is (code in (errno.EACCES, errno.EROFS))


@pytest.mark.parametrize("closed", [("stderr",), ("stdin", "stderr"), ("stdin",)])
@pytest.mark.parametrize("workers", ["1", "4"])
def test_closed_streams(sandbox: Running, tmp_path: Path, closed: tuple[str, ...], workers: str) -> None:
    """What is said goes nowhere, and above all not into the journal."""
    (tmp_path / "good.hosts").write_bytes(GOOD)
    account = {
        **account_of(sandbox),
        "HOME": str(tmp_path),
    }
    command = ("submit", "good.hosts", *CONNECTION, "--workers", workers, "--endpoint", sandbox.endpoint)
    for _ in range(2):
        streams = dict.fromkeys(closed, CLOSED)
        with begin(*command, "--journal", "j", cwd=tmp_path, env=account, **streams) as run:
            run.communicate()
        assert run.returncode == 0
    assert [one["type"] for one in read_journal(tmp_path / "j").entries["mrs"].records] == [
        "intent",
        "created",
    ]
    assert live(sandbox) == [("mrs", 2)]
    assert submit(sandbox, tmp_path, "--journal", "j").status == 0


@pytest.mark.parametrize("inside", [True, False])
def test_status_from_another_folder(sandbox: Running, tmp_path: Path, inside: bool) -> None:
    """The command to run again names the folder whose files it reads, unless that is this one."""
    one, other = tmp_path / "one folder", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
    (one / "good.hosts").write_bytes(GOOD)
    sandbox.faults(["error-500:op=create"])
    assert submit(sandbox, one, "--journal", str(tmp_path / "j")).status == 5
    told = run(sandbox, one if inside else other, "status", str(tmp_path / "j"))
    command = told.out.splitlines()[-1].strip()
    there = "" if inside else f"cd '{one}' && "
    assert command.startswith(f"{there}dli-hosts submit good.hosts ")


@pytest.mark.parametrize("status", [408, 500])
def test_a_read_that_took_too_long_is_repeated(status: int) -> None:
    """408 says that the server waited in vain: the call is made again."""
    answers = iter([Answer(status, {}, b"", True), Answer(200, {}, b'{"connections": []}', True)])
    clock = Clock(lambda: 0.0, lambda: 0.0, lambda _: None, lambda: 0.5)
    assert Service(lambda _: next(answers), "http://x", Retry(clock), Gate()).find("mrs") == []


@pytest.mark.parametrize("home", ["", "relative"])
def test_no_folder_for_journals(home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a home folder there is none, unless the state folder is named."""
    monkeypatch.setenv("HOME", home)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    with pytest.raises(JournalError, match="no home folder") as caught:
        module.state_folder()
    assert "--journal FILE" in caught.value.hint
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert module.state_folder() == tmp_path / "dli-hosts" / "journals"
