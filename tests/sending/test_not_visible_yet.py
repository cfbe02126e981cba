"""What reads do not show yet, and a clock that is set: neither makes a connection twice, or calls it lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from submitting import live, posts, submit

from importer.sandbox.serve import Running
from importer.sending.history import Entry, read_journal
from importer.sending.journal import open_journal
from importer.system import since_boot

WIDE = ("--settle", "20")


@pytest.mark.parametrize("kind", ["unseen", "hosts-later"])
@pytest.mark.parametrize("workers", ["1", "4"])
@pytest.mark.parametrize("how", [("--verify",), ("--wait", "--wait-timeout", "0")])
def test_it_shows_some_time_later(
    sandbox: Running, folder: Path, kind: str, workers: str, how: tuple[str, ...]
) -> None:
    """What shows within the window is neither gone nor defective, in this run and in the next one."""
    sandbox.faults([f"{kind}:seconds=1.5"])
    first = submit(sandbox, folder, "--workers", workers, *WIDE, *how)
    assert (first.status, first.out.split(":")[0]) == (0, "created")
    second = submit(sandbox, folder, *WIDE, *how, "--recreate", "mrs")
    assert (second.status, posts(sandbox), live(sandbox)) == (0, 1, [("mrs", 2)])


@pytest.mark.parametrize("kind", ["unseen", "hosts-later"])
def test_the_next_run_looks_again(sandbox: Running, folder: Path, kind: str) -> None:
    """A run right after the first one makes no twin, though it is told to create what is gone."""
    sandbox.faults([f"{kind}:seconds=2"])
    submit(sandbox, folder, *WIDE, "--journal", "j")
    second = submit(sandbox, folder, *WIDE, "--journal", "j", "--recreate", "mrs")
    assert (second.status, second.out.split(":")[0], posts(sandbox)) == (0, "exists", 1)


@pytest.mark.parametrize("times", [1, 3])
def test_a_stale_replica(sandbox: Running, folder: Path, times: int) -> None:
    """One of two replicas does not know the connection, and is the first to answer."""
    assert submit(sandbox, folder, *WIDE).status == 0
    sandbox.faults([f"stale:op=show,times={times}"])
    second = submit(sandbox, folder, *WIDE, "--verify", "--recreate", "mrs")
    assert (second.status, posts(sandbox)) == (0, 1)


def test_what_was_not_found_may_be_twice(sandbox: Running, folder: Path) -> None:
    """What the service does not show is made again on demand; when the first one shows, it is told."""
    sandbox.faults(["unseen:seconds=4,times=1"])
    submit(sandbox, folder)
    second = submit(sandbox, folder, "--settle", "0.1", "--recreate", "mrs")
    assert (second.status, posts(sandbox)) in ((0, 2), (4, 2))
    third = submit(sandbox, folder, *WIDE)
    while len(sandbox.store.connections()) == 2 and third.status == 0:
        third = submit(sandbox, folder, *WIDE)
    assert third.status == 4
    assert "the name is taken 2 times" in third.out


def test_a_deleted_one_is_gone_at_once(sandbox: Running, folder: Path) -> None:
    """The service says that it was deleted: no window is waited for."""
    submit(sandbox, folder)
    (one,) = sandbox.store.connections()
    sandbox.store.delete(one.id)
    before = len(sandbox.log())
    assert submit(sandbox, folder, "--settle", "600").out.startswith("gone: mrs")
    assert len(sandbox.log()) - before == 1


def test_adopted_is_not_called_created(sandbox: Running, folder: Path) -> None:
    """What was there before the first run is told as adopted by the second one."""
    submit(sandbox, folder)
    submit(sandbox, folder, "--journal", "other")
    assert "adopted by an earlier run" in submit(sandbox, folder, "--journal", "other").out
    assert "created by an earlier run" in submit(sandbox, folder).out


# -- clocks

SETTLE, DEADLINE = 90.0, 180.0


def entry(kind: str, boot: tuple[str, float] | None, time: float = 1_000.0) -> Entry:
    """An entry with an open call."""
    record: dict[str, Any] = {"type": kind, "name": "mrs", "time": time, "deadline": DEADLINE, "ended": time}
    return Entry("mrs", [record if boot is None else record | {"boot": list(boot)}])


@examples(3)
@given(
    kind=st.sampled_from(["intent", "unknown"]),
    at=st.floats(0, 1e6),
    passed=st.floats(0, 1e6),
    wall=st.floats(0, 1e11),
    same=st.booleans(),
)
def test_the_window_does_not_depend_on_the_wall(
    kind: str, at: float, passed: float, wall: float, same: bool
) -> None:
    """Whatever the clock on the wall says: the seconds since the end of the call count, or all of them."""
    left = entry(kind, ("a", at)).left_to_settle(SETTLE, wall, ("a" if same else "b", at + passed))
    since_end = max(0.0, at + passed - at - (DEADLINE if kind == "intent" else 0.0))
    assert left == pytest.approx(max(0.0, SETTLE - since_end) if same else SETTLE, abs=1e-3)
    assert entry(kind, ("", 0.0)).left_to_settle(SETTLE, wall, ("", 0.0)) == SETTLE


@examples(3)
@given(passed=st.floats(-1e6, 1e6), wall=st.floats(-1e6, 1e6), same=st.booleans())
def test_the_age_of_a_connection(passed: float, wall: float, same: bool) -> None:
    """What is left of the window since a record is told by the same rule, by the wall after a new start."""
    of = entry("created", ("a", 1e6))
    left = of.left_of(SETTLE, 1_000.0 + wall, ("a" if same else "b", 1e6 + passed))
    gone_by = passed if same else wall
    assert left == pytest.approx(SETTLE if gone_by < 0 else max(0.0, SETTLE - gone_by), abs=1e-3)


def test_a_clock_set_forward_skips_no_window(tmp_path: Path) -> None:
    """The journal keeps the start of the machine; a later run with a clock years ahead waits all the same."""
    boot = since_boot()
    place = {"endpoint": "e", "project_id": "p"}
    target = {"vpc": "V", "subnet": "S", "hosts": "", "count": 0, "pools": [], "queues": []}
    with open_journal(tmp_path / "j", **place, now=lambda: 1.0, boot=lambda: boot) as journal:
        journal.append("intent", "mrs", deadline=0.0, request="", target=target)
    (record,) = read_journal(tmp_path / "j").entries["mrs"].records
    assert record["boot"] == list(boot)
    left = read_journal(tmp_path / "j").entries["mrs"].left_to_settle(SETTLE, 1e9, (boot[0], boot[1] + 1))
    assert left == pytest.approx(SETTLE - 1 if boot[0] else SETTLE, abs=1e-3)
