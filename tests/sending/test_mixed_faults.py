"""Histories mixed of all faults of the sandbox: what it holds, what is told and what the journal says agree.

Time runs ten times as fast for the runs as for the sandbox: its delays are short beside their windows.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from world import planned

from importer.calling.account import account_of
from importer.calling.credentials import Keys
from importer.calling.transport import Network
from importer.cli.session import Session
from importer.planning.plan import PlannedRequest
from importer.sandbox.rules import ANY, KINDS, PEERING
from importer.sandbox.serve import Running, start
from importer.sandbox.store import Stored
from importer.sending.history import Entry, read_journal
from importer.sending.journal import open_journal
from importer.sending.result import Result, State
from importer.sending.retry import Clock, Retry
from importer.sending.service import Gate
from importer.sending.submit import Submission
from importer.sending.workers import carry_out_all

FASTER = 10.0
SETTLE, DEADLINE = 20.0, 5.0
"""The window as runs see it, and the real seconds of a call."""
LATE = 0.3
"""Real seconds of what comes late, at most."""
LEFT_OUT = {ANY, PEERING, "huge"}
HIDING = ("stale", "unseen", "short-pages", "same-page", "page-numbers", "no-filter")
SETTLED = {State.CREATED, State.EXISTS, State.CONFLICT}


def clock(chance: random.Random) -> Clock:
    """A clock that runs faster."""
    return Clock(
        time.time,
        lambda: time.monotonic() * FASTER,
        lambda seconds: time.sleep(min(seconds, SETTLE) / FASTER),
        chance.random,
        lambda: ("boot", time.monotonic() * FASTER),
    )


def rules(chance: random.Random, names: list[str]) -> list[str]:
    """Some faults of any kind, at any call, some of them for one name."""
    found = []
    for kind in chance.sample([kind for kind in KINDS if kind not in LEFT_OUT], chance.randint(1, 5)):
        op = chance.choice(sorted(KINDS[kind].ops & {"create", "list", "show"}) or ["any"])
        where = f",name={chance.choice(names)}" if chance.random() < 0.5 else ""
        seconds = round(chance.uniform(0, LATE), 2)
        if kind.startswith("throttle") or kind == "unavailable":
            seconds = 0
        found.append(f"{kind}:op={op},times={chance.randint(1, 3)},seconds={seconds}{where}")
    return found


class History:
    """Runs of one plan against one sandbox, with one journal."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance = random.Random(seed)
        self.requests = [planned(f"c{number}", 0) for number in range(self.chance.randint(2, 6))]
        self.names = [request.name for request in self.requests]
        self.path = folder / f"journal-{seed}"
        self.rules: list[str] = []
        self.results: dict[str, Result] = {}

    def run(self, sandbox: Running) -> None:
        """One run to its end."""
        keys = Keys(sandbox.access_key, sandbox.secret_key)
        account = account_of(keys, sandbox.endpoint, sandbox.project_id, lambda: datetime.now(UTC))
        retry = Retry(clock(self.chance))
        session = Session(account, Network(), retry, Gate(), DEADLINE)
        head = {"endpoint": "sandbox", "project_id": sandbox.project_id}
        with open_journal(self.path, **head, now=retry.clock.now, boot=retry.clock.boot) as journal:

            @contextlib.contextmanager
            def submission() -> Iterator[Submission]:
                with session.service() as service:
                    yield Submission(service, journal, retry, "digest", DEADLINE, SETTLE)

            workers = self.chance.choice([1, 4])
            ends = carry_out_all(self.requests, submission, retry, workers=workers)
            self.results = {result.name: result for _, result in ends}
        time.sleep(LATE)  # what comes late is there now: not luck, but what the rules say

    def check(self, sandbox: Running) -> None:
        """The three agree."""
        entries = read_journal(self.path).entries
        assert sorted(self.results) == sorted(self.names)
        for request in self.requests:
            made = [one for one in sandbox.store.connections(name=request.name) if ours(one)]
            told = f"{self.results[request.name]}\n{self.rules}"
            assert len(made) < 2, told
            self.agree(request, made, entries.get(request.name) or Entry(request.name), told)

    def agree(self, request: PlannedRequest, made: list[Stored], entry: Entry, told: str) -> None:
        """One connection, its record and its result."""
        result, ids = self.results[request.name], [one.id for one in made]
        if result.state in (State.CREATED, State.EXISTS):
            assert [result.connection_id] == ids == [entry.id], told
        if entry.is_done:
            assert [entry.id] == ids, told
        elif made and not entry.is_open:
            hidden = any(rule.startswith(HIDING) for rule in self.rules)
            assert hidden or result.state in (State.CONFLICT, State.NOT_BEGUN), told
        if result.state is State.UNKNOWN:
            assert entry.is_open, told


def ours(one: Stored) -> bool:
    """Whether a call of ours made it, and not the fault `twin`."""
    return not one.dest_vpc_id.startswith("twin-of-")


def play(seed: int, folder: Path) -> None:
    """Some runs with faults, and then runs without: each connection is there once."""
    history = History(seed, folder)
    with start(seed=seed, unique_names=history.chance.random() < 0.3) as sandbox:
        for _ in range(history.chance.randint(1, 3)):
            history.rules = rules(history.chance, history.names)
            sandbox.faults(history.rules)
            history.run(sandbox)
            history.check(sandbox)
        history.rules = []
        sandbox.faults([])
        for _ in range(2):
            history.run(sandbox)
            history.check(sandbox)
        for name, result in history.results.items():
            assert result.state in SETTLED, result
            twins = [one for one in sandbox.store.connections(name=name) if not ours(one)]
            assert (result.state is State.CONFLICT) <= bool(twins), result


@pytest.mark.parametrize("seed", range(4))
def test_mixed_faults(seed: int, tmp_path: Path) -> None:
    """A few histories."""
    play(seed, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("part", range(30))
def test_many_mixed_faults(part: int, tmp_path: Path) -> None:
    """Three hundred histories."""
    for seed in range(1_000 + 10 * part, 1_010 + 10 * part):
        play(seed, tmp_path)
