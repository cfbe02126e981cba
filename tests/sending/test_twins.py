"""A call that is carried out later than anybody looks for it, and another one: both are told, never silently.

Promises that need a second create call behind one whose outcome was unknown; all others cost nothing more.
"""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from world import IN_DOUBT, NAMES, REQUESTS, SETTLE, Fault, Place, World

from importer.sending.history import Entry, read_journal
from importer.sending.result import Result, State, Summary

REQUEST = REQUESTS["mrs", 0]


def status(*results: Result) -> int:
    """The exit status of a run with these results."""
    return Summary(results, None).status()


def two_runs(place: Place, late: float, reply: str = "lost") -> Result:
    """A call that is carried out late, and a run after it that finds nothing and sends again."""
    place.world.faults = deque([Fault("late", reply, late)])
    (first,) = place.run([REQUEST])
    assert (first.state, status(first)) == (State.UNKNOWN, 5)
    (second,) = place.run([REQUEST])
    assert (second.state, place.world.posts) == (State.CREATED, ["mrs"])
    return second


def seen(place: Place) -> dict[str, object]:
    """What the journal says was seen last."""
    return read_journal(place.path).entries["mrs"].seen


@pytest.mark.parametrize("reply", IN_DOUBT)
def test_told_by_the_next_visit(reply: str) -> None:
    """The first call shows when the second was made: the next run tells both ids, and the journal knows."""
    place = Place(World(beyond=True))
    try:
        second = two_runs(place, 1000.0, reply)
        assert (second.twins, status(second)) == ((), 0)
        assert seen(place)["state"] == "fine"
        place.world.advance(1000.0)
        (result,) = place.run([REQUEST])
        late = next(one.id for one in place.world.live("mrs") if one.id != second.connection_id)
        assert (result.state, result.connection_id) == (State.EXISTS, second.connection_id)
        assert (result.twins, status(result), place.world.posts) == ((late,), 4, [])
        assert f"the name is taken 2 times: {second.connection_id}, {late}" in result.evidence
        assert (seen(place)["state"], seen(place)["ids"]) == ("twins", [second.connection_id, late])
    finally:
        place.close()


def test_told_at_once() -> None:
    """Where the first call shows while the second one is made, the run that made that tells both."""
    place = Place(World(beyond=True))
    try:
        place.world.faults = deque([Fault("late", "lost", 200.0)])
        place.run([REQUEST])
        place.world.faults = deque([Fault("now", "created", takes=110.0)])
        (result,) = place.run([REQUEST])
        assert (result.state, len(result.twins), status(result)) == (State.CREATED, 1, 4)
        assert read_journal(place.path).entries["mrs"].id == result.connection_id
    finally:
        place.close()


@pytest.mark.parametrize("kept", [0, 1])
def test_either_one_may_be_kept(kept: int) -> None:
    """When one of both was deleted, whichever, the next run takes the other one, and all is well again."""
    place = Place(World(beyond=True))
    try:
        two_runs(place, 1000.0)
        place.world.advance(1000.0)
        place.run([REQUEST])
        both = place.world.live("mrs")
        both[1 - kept].deleted = True
        (result,) = place.run([REQUEST])
        assert (result.state, result.connection_id) == (State.EXISTS, both[kept].id)
        assert (result.twins, status(result), place.world.posts) == ((), 0, [])
        assert seen(place).get("state", "fine") == "fine"
        entry = read_journal(place.path).entries["mrs"]
        assert (entry.is_done, entry.id) == (True, both[kept].id)
    finally:
        place.close()


def test_a_look_that_fails_is_no_all_clear() -> None:
    """Where the name cannot be looked up, the connection is created and the rest is unsure: status 5."""
    place = Place(World(beyond=True))
    try:
        place.world.faults = deque([Fault("never", "lost")])
        place.run([REQUEST])
        place.world.reads = deque(["ok", "garbage"])
        (result,) = place.run([REQUEST])
        assert (result.state, place.world.posts, status(result)) == (State.CREATED, ["mrs"], 5)
        assert "whether an earlier call has made another one: " in result.unsure
        assert seen(place) == {}
        (result,) = place.run([REQUEST])
        assert (result.state, result.unsure, status(result)) == (State.EXISTS, "", 0)
        assert seen(place)["state"] == "fine"
    finally:
        place.close()


@pytest.mark.parametrize("fault", [Fault(), Fault("now", "lost"), Fault("late", "504", SETTLE / 2)])
def test_a_clear_first_attempt_costs_nothing(fault: Fault) -> None:
    """What is found within the window, or answered at once, is looked up neither then nor later."""
    place = Place(World(beyond=True))
    try:
        place.world.faults = deque([fault])
        place.run([REQUEST])
        before = place.world.time
        assert place.run([REQUEST])[0].state is State.EXISTS
        assert place.world.time - before == 0.25, "one call, by id"
        assert [one["type"] for one in read_journal(place.path).entries["mrs"].records][-1] == "created"
    finally:
        place.close()


KINDS = {
    "intent created": False,
    "intent unknown created": False,
    "intent not-sent intent created": False,
    "intent rejected intent created": False,
    "intent created gone intent created": False,
    "intent adopted gone intent created": False,
    "adopted gone intent created": False,
    "intent rejected conflict intent created": False,
    "intent unknown seen created gone intent created": False,
    "intent unknown absent intent created": True,
    "intent absent intent rejected": True,
    "intent unknown unknown absent intent unknown created": True,
    "intent unknown conflict intent created": True,
    "intent conflict intent created": True,
    "intent unknown adopted gone intent created": True,
    "intent unknown absent": False,
    "intent absent intent not-sent intent created seen gone intent": True,
    "": False,
}


@pytest.mark.parametrize("kinds", KINDS, ids=lambda kinds: kinds or "nothing")
def test_when_there_may_be_two(kinds: str) -> None:
    """A create call behind one of which nobody could tell what became; what is clear ends that."""
    assert Entry("mrs", [{"type": kind} for kind in kinds.split()]).may_be_twice is KINDS[kinds]


late = st.sampled_from([0.0, 1.0, SETTLE - 1, SETTLE + 1, SETTLE + 30, 300.0, 5_000.0])
faults = st.builds(
    Fault, st.sampled_from(["now", "late", "late", "never"]), st.sampled_from(IN_DOUBT), late, st.just(0.0)
)
Step = tuple[list[Fault], int | None, float, str]
steps = st.tuples(
    st.lists(faults, max_size=2),
    st.none() | st.integers(0, 12),
    st.sampled_from([0.0, 1.0, SETTLE, 300.0, 6_000.0]),
    st.sampled_from(NAMES[:2]),
)


@examples(5)
@given(history=st.lists(steps, min_size=1, max_size=8), unique=st.booleans())
def test_no_twin_is_passed_over(history: list[Step], unique: bool) -> None:
    """Whatever is late and whoever is killed: when all has shown, a run tells every name that is there twice.

    That none is passed over on the way is looked at by `Place.check` behind each request.
    """
    place = Place(World(unique=unique, beyond=True))
    try:
        for wrong, kill_in, pause, name in history:
            place.world.faults, place.world.kill_in = deque(wrong), kill_in
            place.run([REQUESTS[name, 0]])
            place.world.kill_in = None
            place.world.advance(pause)
        place.world.faults.clear()
        place.world.advance(10_000.0)
        requests = [REQUESTS[name, 0] for name in NAMES[:2]]
        results = place.run(requests)
        for request, result in zip(requests, results, strict=True):
            live = {one.id for one in place.world.live(request.name)}
            assert result.state in (State.CREATED, State.EXISTS, State.CONFLICT)
            assert {*result.twins, result.connection_id} - {""} == live
            assert status(result) == (4 if len(live) > 1 else 0)
            for one in place.world.live(request.name)[1:]:
                one.deleted = True
        for result in place.run(requests):
            assert (status(result), place.world.posts) == (0, [])
    finally:
        place.close()
