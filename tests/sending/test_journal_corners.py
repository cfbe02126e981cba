"""A journal at its edges: runs and their ends, what is not written twice, faults of the disk, its place."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from importer.errors import JournalError
from importer.sending import journal as module
from importer.sending.history import read_journal
from importer.sending.journal import journal_path, open_journal, state_folder
from importer.sending.records import FINE

PLACE: dict[str, Any] = {"endpoint": "https://dli.example", "project_id": "p", "now": lambda: 1.8e9}
TARGET = {"vpc": "v", "subnet": "s", "pools": [], "queues": [], "hosts": "0" * 64, "count": 1}


def intent(journal: module.Journal) -> None:
    """An intent for the name `a`."""
    journal.append("intent", "a", deadline=1.0, request="r", target=TARGET)


def test_a_run_and_its_end(tmp_path: Path) -> None:
    """The command of the last run and what it left are read again."""
    path = tmp_path / "journal"
    with open_journal(path, **PLACE) as journal:
        journal.note_run("dli-hosts submit a.plan", "/folder")
        assert read_journal(path).left is None
        journal.note_end(3)
    found = read_journal(path)
    assert (found.command, found.left) == ("dli-hosts submit a.plan", 3)


def test_what_was_found_is_kept_once(tmp_path: Path) -> None:
    """That a connection is fine is kept only after something else was, and nothing is kept twice."""
    path = tmp_path / "journal"
    with open_journal(path, **PLACE) as journal:
        intent(journal)
        journal.append("created", "a", id="id-1")
        size = path.stat().st_size
        journal.note("a", FINE, "")
        assert path.stat().st_size == size
        journal.note("a", "pending", "one is still CREATING")
        once = path.stat().st_size
        journal.note("a", "pending", "one is still CREATING")
        assert size < once == path.stat().st_size
        journal.note("a", FINE, "")
        assert path.stat().st_size > once
    assert read_journal(path).entries["a"].seen["state"] == FINE


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_fault_of_the_disk_ends_the_journal(call: str, tmp_path: Path) -> None:
    """After a write or a sync that failed nothing is written, though the disk be well again."""
    path = tmp_path / "journal"

    def fails(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with open_journal(path, **PLACE) as journal:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, call, fails)
            with pytest.raises(JournalError, match="cannot be written: No space left on device"):
                intent(journal)
        size = path.stat().st_size
        with pytest.raises(JournalError, match="cannot be written") as caught:
            intent(journal)
        assert caught.value.hint == "make room, then run the same command again"
        assert path.stat().st_size == size


def test_a_holder_that_does_not_say_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that has the lock and was not yet able to write its number is told as such, after a while."""
    path, waited = tmp_path / "journal", list[float]()
    monkeypatch.setattr(module.time, "sleep", waited.append)
    with open_journal(path, **PLACE):
        Path(f"{path}.lock").write_bytes(b"")
        with (
            pytest.raises(JournalError, match=r"in use by another run \(which does not say its name\)"),
            open_journal(path, **PLACE),
        ):
            pass
    assert sum(waited) == pytest.approx(1.0)


def test_the_place_of_a_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each endpoint and project has one place in the folder for state, whatever its name holds."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    places = {
        journal_path(endpoint, project)
        for endpoint in (
            "https://dli.example",
            "https://dli.example:8443",
            "https://dli_example",
            "https://é/",
        )
        for project in ("p", "q")
    }
    assert len(places) == 8
    for place in places:
        assert place.parent == state_folder()
        assert place.name.isascii()
        assert not set(place.name) & set(":/\\")
    assert journal_path("https://dli.example", "p").name.startswith("dli.example-")
    assert len(journal_path("https://" + "x" * 300, "p").name) < 100
