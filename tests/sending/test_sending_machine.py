"""Histories of runs, faults and kills under a clock that jumps: each connection is created exactly once.

The service is that of `world`; what it does with a call, what becomes of the answer, when the process is
killed and what other people do are chosen by the machine.
"""

from __future__ import annotations

import itertools
from collections import deque
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from profiles import examples
from world import DEADLINE, IN_DOUBT, NAMES, NOT_DONE, READ_FAULTS, REQUESTS, SETTLE, Fault, Place, World

from importer.sending.history import read_journal
from importer.sending.result import State

lateness = st.sampled_from([0.0, 0.25, 1.0, SETTLE / 2, SETTLE - 1, SETTLE - 0.25])
others = st.sampled_from([""] * 12 + ["equal before", "different before", "equal after", "different after"])
now = st.just(0.0)
post_faults = st.one_of(
    st.builds(Fault, st.just("now"), st.sampled_from(["created", "false", *IN_DOUBT]), now, lateness, others),
    st.builds(
        Fault,
        st.just("late"),
        st.sampled_from(IN_DOUBT),
        lateness,
        st.sampled_from([0.0, 1.0, DEADLINE]),
        others,
    ),
    st.builds(
        Fault, st.just("never"), st.sampled_from([*NOT_DONE, "false", *IN_DOUBT]), now, lateness, others
    ),
)
read_faults = st.sampled_from(["ok", "ok", "ok", *READ_FAULTS])
plans = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).flatmap(
    lambda names: st.tuples(*(st.tuples(st.just(name), st.sampled_from([0, 0, 0, 1])) for name in names))
)


class Runs(RuleBasedStateMachine):
    """Anything may happen between the runs of plans, and in them."""

    @initialize(unique=st.booleans())
    def begin(self, unique: bool) -> None:
        """A service that takes a name twice, or does not."""
        self.place = Place(World(unique=unique))
        self.world = self.place.world

    def run(
        self,
        plan: Any,
        faults: Any = (),
        reads: Any = (),
        kill_in: int | None = None,
        torn: int = 0,
        recreate: bool = True,
    ) -> None:
        """A run in which things go wrong, or whose process is killed."""
        self.world.faults, self.world.reads = deque(faults), deque(reads)
        self.world.kill_in = kill_in
        self.place.run([REQUESTS[key] for key in plan], recreate=recreate, torn=torn)
        self.world.kill_in = None

    @rule(plan=plans, faults=st.lists(post_faults, min_size=1, max_size=4), recreate=st.booleans())
    def create_calls_go_wrong(self, plan: Any, faults: Any, recreate: bool) -> None:
        """Reads are answered as they should be."""
        self.run(plan, faults, recreate=recreate)

    @rule(plan=plans, faults=st.lists(post_faults, max_size=3), reads=st.lists(read_faults, max_size=12))
    def all_calls_go_wrong(self, plan: Any, faults: Any, reads: Any) -> None:
        """Reads too."""
        self.run(plan, faults, reads)

    @rule(
        plan=plans,
        faults=st.lists(post_faults, max_size=2),
        kill_in=st.integers(0, 20),
        torn=st.integers(0, 10_000),
    )
    def the_process_is_killed(self, plan: Any, faults: Any, kill_in: int, torn: int) -> None:
        """At any point."""
        self.run(plan, faults, kill_in=kill_in, torn=torn)

    @rule(name=st.sampled_from(NAMES), fault=post_faults, kill_in=st.integers(3, 8))
    def the_process_is_killed_in_a_call(self, name: str, fault: Fault, kill_in: int) -> None:
        """About when a create call is made."""
        self.run([(name, 0)], [fault], kill_in=kill_in)

    @rule(name=st.sampled_from(NAMES), variant=st.integers(0, 1))
    def somebody_creates(self, name: str, variant: int) -> None:
        """Somebody else creates one."""
        self.world.commit(self.world.new(REQUESTS[name, variant].body, ours=False))

    @rule(name=st.sampled_from(NAMES), number=st.integers(1, 9))
    def somebody_deletes(self, name: str, number: int) -> None:
        """Somebody else deletes some of a name, whoever made them."""
        for one in self.world.live(name)[:number]:
            one.deleted = True

    @rule(seconds=st.sampled_from([0.25, 1.0, 30.0, SETTLE - 0.25, SETTLE, 200.0, 86_400.0]))
    def time_passes(self, seconds: float) -> None:
        """Nothing runs for a while."""
        self.world.advance(seconds)

    @rule(seconds=st.sampled_from([0.25, 60.0, 3_600.0]))
    def the_clock_is_set_back(self, seconds: float) -> None:
        """The wall clock goes backwards."""
        self.world.back += seconds

    @invariant()
    def one_of_each(self) -> None:
        """There never were two live connections of one name that we made, and the journal replays."""
        if hasattr(self, "world"):
            assert self.world.doubles == []
            if self.place.path.exists() and self.place.path.stat().st_size:
                read_journal_or_torn(self.place.path)

    def teardown(self) -> None:
        """Once nothing goes wrong any more a run ends all, and a further one sends nothing."""
        if not hasattr(self, "world"):
            return
        try:
            self.world.faults.clear()
            self.world.reads.clear()
            requests = [REQUESTS[name, 0] for name in NAMES]
            first = self.place.run(requests, recreate=True)
            assert len(first) == len(NAMES)
            assert {result.state for result in first} <= {State.CREATED, State.EXISTS, State.CONFLICT}
            second = self.place.run(requests)
            assert self.world.posts == []
            for one, other in zip(first, second, strict=True):
                same = State.EXISTS if one.state is State.CREATED else one.state
                assert (other.state, other.connection_id) == (same, one.connection_id)
            assert self.world.doubles == []
        finally:
            self.place.close()


def read_journal_or_torn(path: Path) -> None:
    """The journal can be read as it is; one whose first line is torn holds nothing yet."""
    if b"\n" in path.read_bytes():
        read_journal(path)


def _histories(number: int, steps: int) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Runs,
        settings=settings(
            examples(1), max_examples=number, stateful_step_count=steps, report_multiple_bugs=False
        ),
    )


def test_histories() -> None:
    """A hundred histories and more."""
    _histories(150, 8)


@pytest.mark.long
def test_many_histories() -> None:
    """Ten thousand histories, and longer ones."""
    _histories(10_000, 12)


@examples(1)
@given(
    late=st.floats(SETTLE + 1, 10_000),
    reply=st.sampled_from(IN_DOUBT),
    takes=st.sampled_from([0.0, 30.0]),
    unique=st.booleans(),
)
def test_later_than_the_window(late: float, reply: str, takes: float, unique: bool) -> None:
    """A connection that shows after the window is told as unknown, sent once in that run, and found later."""
    place = Place(World(unique=unique))
    try:
        place.world.faults = deque([Fault("late", reply, late + takes, takes)])
        request = REQUESTS["mrs", 0]
        (result,) = place.run([request])
        assert result.state is State.UNKNOWN
        assert place.world.posts == ["mrs"]
        place.world.advance(late)
        (result,) = place.run([request])
        assert (result.state, place.world.posts) == (State.CREATED, [])
        assert place.world.doubles == []
    finally:
        place.close()


@pytest.mark.parametrize("reply", IN_DOUBT)
@pytest.mark.parametrize("late", [0.0, SETTLE / 2, SETTLE - 0.25])
def test_within_the_window(reply: str, late: float) -> None:
    """A connection that shows within the window is found by the run that sent it."""
    place = Place(World())
    try:
        place.world.faults = deque([Fault("late", reply, late)])
        (result,) = place.run([REQUESTS["mrs", 0]])
        assert (result.state, place.world.posts) == (State.CREATED, ["mrs"])
    finally:
        place.close()


@pytest.mark.parametrize("jump", [-1e6, 50.0, 1e6])
def test_a_clock_that_jumps(jump: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Setting the clock while a run looks, to and fro, neither shortens the window nor draws it out."""
    place = Place(World())
    steady = place.world.clock()
    told = itertools.count()
    monkeypatch.setattr(
        place.world, "clock", lambda: steady._replace(now=lambda: max(0.0, steady.now() + jump * next(told)))
    )
    try:
        for late, state in ((SETTLE - 1, State.CREATED), (SETTLE * 3, State.UNKNOWN)):
            name = NAMES[state is State.UNKNOWN]
            place.world.faults = deque([Fault("late", "lost", late)])
            before = place.world.time
            (result,) = place.run([REQUESTS[name, 0]])
            assert (result.state, place.world.posts) == (state, [name])
            assert place.world.time - before < SETTLE + 20
    finally:
        place.close()


@pytest.mark.parametrize("reply", IN_DOUBT)
def test_never_there(reply: str) -> None:
    """What never shows is unknown in its run; the next run may send at once, since the window has passed."""
    place = Place(World())
    try:
        place.world.faults = deque([Fault("never", reply)])
        (result,) = place.run([REQUESTS["mrs", 0]])
        assert (result.state, place.world.posts) == (State.UNKNOWN, ["mrs"])
        start = place.world.time
        (result,) = place.run([REQUESTS["mrs", 0]])
        assert (result.state, place.world.posts) == (State.CREATED, ["mrs"])
        assert place.world.time - start < 5
    finally:
        place.close()


@pytest.mark.parametrize("point", range(9))
def test_a_killed_call_is_waited_for(point: int) -> None:
    """Whenever a run follows a kill in the middle, the connection is there once."""
    for pause in (0.0, 10_000.0):
        place = Place(World())
        try:
            place.world.faults = deque([Fault("late", "lost", SETTLE - 0.25)])
            place.world.kill_in = point
            place.run([REQUESTS["mrs", 0]])
            place.world.advance(pause)
            (result,) = place.run([REQUESTS["mrs", 0]])
            assert result.state in (State.CREATED, State.EXISTS)
            assert len(place.world.live("mrs")) == 1
        finally:
            place.close()
