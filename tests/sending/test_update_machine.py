"""Histories of plans, updates, faults, kills and other people: nothing is lost, or overwritten unseen."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from profiles import examples
from update_world import DOUBTS, LISTS, NAMES, REFUSALS, Fault, Hosts, UpdatePlace, listed, of_lines
from world import READ_FAULTS, SETTLE

from importer.planning.aiming import lines_of, put_back
from importer.planning.plan import PlannedRequest
from importer.planning.updates import MODES
from importer.sending.backup import list_backups, read_backup
from importer.sending.result import State

others = st.sampled_from(["", "", "", "before", "after"])
put_faults = st.one_of(
    st.builds(
        Fault, st.sampled_from(["now", "half"]), st.sampled_from(["done", "false", *DOUBTS]), other=others
    ),
    st.builds(
        Fault,
        st.just("late"),
        st.sampled_from(DOUBTS),
        st.sampled_from([0.25, 1.0, SETTLE / 2, SETTLE - 1]),
        others,
    ),
    st.builds(Fault, st.just("never"), st.sampled_from([*REFUSALS, "done", "false", *DOUBTS]), other=others),
)
faults = st.lists(put_faults, max_size=3)
reads = st.lists(st.sampled_from(["ok", "ok", "ok", *READ_FAULTS]), max_size=8)
wanted = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(sorted(LISTS)), st.sampled_from(MODES)),
    min_size=1,
    max_size=2,
    unique_by=lambda one: one[0],
).map(lambda some: [listed(name, LISTS[key], mode) for name, key, mode in some])


class Updates(RuleBasedStateMachine):
    """Anything may happen between plans and runs, and in them."""

    @initialize()
    def begin(self) -> None:
        """Two connections that somebody made."""
        self.place = UpdatePlace()
        self.world = self.place.world
        self.requests: list[PlannedRequest] = []

    @rule(lists=wanted, reads=reads)
    def plan(self, lists: Any, reads: Any) -> None:
        """A plan is made, and may be carried out later."""
        self.world.reads = deque(reads)
        self.requests = self.place.plan(lists)

    @rule(faults=faults, reads=reads)
    def carry_out(self, faults: Any, reads: Any) -> None:
        """The last plan is carried out, perhaps for the second time."""
        self.world.faults, self.world.reads = deque(faults), deque(reads)
        self.place.send(self.requests)

    @rule(faults=faults, kill_in=st.integers(0, 16), torn=st.integers(0, 10_000))
    def the_process_is_killed(self, faults: Any, kill_in: int, torn: int) -> None:
        """At any point of a run."""
        self.world.faults, self.world.reads = deque(faults), deque()
        self.world.kill_in = kill_in
        self.place.send(self.requests, torn)
        self.world.kill_in = None

    @rule(lists=wanted, faults=faults)
    def plan_and_carry_out(self, lists: Any, faults: Any) -> None:
        """In one run."""
        self.world.reads, self.world.faults = deque(), deque(faults)
        self.requests = self.place.plan(lists)
        self.place.send(self.requests)

    @rule(name=st.sampled_from(NAMES))
    def somebody_edits(self, name: str) -> None:
        """In the console."""
        self.world.edit(name)

    @rule(seconds=st.sampled_from([0.25, 30.0, SETTLE, 86_400.0]))
    def time_passes(self, seconds: float) -> None:
        """Nothing runs for a while."""
        self.world.advance(seconds)

    @rule(choice=st.integers(0, 20), faults=faults)
    def roll_back(self, choice: int, faults: Any) -> None:
        """Former hosts are put back."""
        backups = list_backups(self.place.path)
        if not backups:
            return
        backup = read_backup(backups[choice % len(backups)])
        request = put_back(backup.name, backup.vpc, backup.subnet, backup.id, backup.lines, [])
        self.world.reads, self.world.faults = deque(), deque(faults)
        self.requests = self.place.plan([request])
        self.place.send(self.requests)

    @invariant()
    def all_is_kept(self) -> None:
        """Whatever was overwritten can be put back."""
        if hasattr(self, "world"):
            self.place.check_backups()

    def teardown(self) -> None:
        """Once nothing goes wrong any more, a run makes all equal, and a further one sends nothing."""
        if not hasattr(self, "world"):
            return
        try:
            self.world.faults.clear()
            self.world.reads.clear()
            lists = [listed(name, LISTS["longer"]) for name in NAMES]
            first = self.place.send(self.place.plan(lists))
            assert {result.state for result in first} <= {State.UPDATED, State.EXISTS, State.CONFLICT}
            for number in range(2):
                last = self.place.send(self.place.plan(lists))
                states = {State.EXISTS} if number else {State.UPDATED, State.EXISTS}
                assert {result.state for result in last} <= states, last
            assert self.world.puts == []
            assert all(self.world.hosts[name] == LISTS["longer"] for name in NAMES)
            self.place.check_backups()
        finally:
            self.place.close()


def _histories(number: int, steps: int) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Updates,
        settings=settings(
            examples(1), max_examples=number, stateful_step_count=steps, report_multiple_bugs=False
        ),
    )


def test_histories() -> None:
    """Some dozens of histories."""
    _histories(60, 8)


@pytest.mark.long
def test_many_histories() -> None:
    """Two thousand histories, and longer ones."""
    _histories(2_000, 12)


def sent(place: UpdatePlace, hosts: Hosts, *faults: Fault) -> tuple[State, str]:
    """State and evidence of one update of `mrs`."""
    place.world.faults = deque(faults)
    (result,) = place.send(place.plan([listed("mrs", hosts)]))
    return result.state, result.evidence


@pytest.mark.parametrize(
    ("fault", "state", "puts"),
    [
        (Fault(), State.UPDATED, 1),
        *((Fault("now", doubt), State.UPDATED, 1) for doubt in (*DOUBTS, "false")),
        *((Fault("never", doubt), State.UPDATED, 2) for doubt in ("lost", "empty", "done")),
        (Fault("never", "false"), State.REJECTED, 1),
        (Fault("never", "not sent"), State.UPDATED, 2),
        (Fault("never", "throttled"), State.UPDATED, 2),
        (Fault("never", "parameter"), State.REJECTED, 1),
        (Fault("never", "forbidden"), State.REJECTED, 1),
        (Fault("late", "504", 60.0), State.UPDATED, 1),
        (Fault("half", "500"), State.CONFLICT, 1),
        (Fault("now", "done", other="after"), State.CONFLICT, 1),
    ],
)
def test_outcomes(fault: Fault, state: State, puts: int) -> None:
    """What one fault of the update call comes to, and how many calls are made."""
    place = UpdatePlace()
    try:
        assert sent(place, LISTS["moved"], fault)[0] is state
        assert len(place.world.puts) == puts
    finally:
        place.close()


def test_an_edit_since_the_plan_is_a_conflict() -> None:
    """The hosts are read again before the call; nothing is sent, and a new plan sees the edit."""
    place = UpdatePlace()
    try:
        requests = place.plan([listed("mrs", LISTS["moved"])])
        place.world.edit("mrs")
        (result,) = place.send(requests)
        assert (result.state, place.world.puts) == (State.CONFLICT, [])
        assert (
            "somebody else has changed its hosts since the plan was made (3 hosts then, 4 now)"
            in result.evidence
        )
        (request,) = place.plan([listed("mrs", LISTS["moved"], "merge")])
        assert of_lines(lines_of(request)) == LISTS["moved"] | {("192.0.2.1", "else-1")}
        assert place.send([request])[0].state is State.UPDATED
    finally:
        place.close()


def test_the_one_window() -> None:
    """An edit between the last read and the call is overwritten: nobody can see it."""
    place = UpdatePlace()
    try:
        assert sent(place, LISTS["moved"], Fault(other="before"))[0] is State.UPDATED
        assert place.world.hosts["mrs"] == LISTS["moved"]
    finally:
        place.close()


@pytest.mark.parametrize("point", range(12))
def test_killed_anywhere(point: int) -> None:
    """Wherever the process ends, the next run makes all equal, and the former hosts are kept."""
    place = UpdatePlace()
    try:
        requests = place.plan([listed("mrs", LISTS["moved"])])
        place.world.kill_in = point
        place.world.faults = deque([Fault("late", "lost", SETTLE / 2)])
        place.send(requests)
        place.world.kill_in = None
        (result,) = place.send(place.plan([listed("mrs", LISTS["moved"])]))
        assert result.state in (State.UPDATED, State.EXISTS)
        place.check_backups()
    finally:
        place.close()
