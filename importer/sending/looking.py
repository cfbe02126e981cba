"""Looking at the service until something shows, or until the settle window of a call is over.

A connection may show some seconds after its create call was answered, and a read may be answered by a
replica that does not know of it yet. So what is not there, or not whole, is looked at again as long as
the call is younger than the window.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from importer.language import said
from importer.planning.identity import Existing, Identity
from importer.planning.plan import PlannedRequest
from importer.sending.history import Entry
from importer.sending.retry import Clock
from importer.sending.service import LookUpFailed, Seen, Service

FIRST_LOOK, LONGEST_LOOK = 0.25, 10.0
"""Seconds between look-ups: doubled from the first to the longest."""
_NAMED = 5
"""Ids that are named where many connections have a name."""

T = TypeVar("T")


class Settled(NamedTuple):
    """What look-ups over a settle window showed."""

    same: Existing | None
    others: tuple[Existing, ...]
    evidence: str
    sure: bool
    """The last look-up, made after the whole window, was answered."""


class Window(NamedTuple):
    """The seconds in which it may still change what reads show of a connection."""

    clock: Clock
    left: float
    """Seconds from now on."""
    settle: float
    """The whole window."""


def window_of(entry: Entry, clock: Clock, settle: float) -> Window:
    """What is left of the window that began with the last record of a connection."""
    return Window(clock, entry.left_of(settle, clock.now(), clock.boot()), settle)


def look_until(window: Window, look: Callable[[], tuple[T, bool]]) -> T:
    """Look until that is enough, or the window is over; what was seen last.

    The last look is begun after that time, by a clock that cannot be set.
    """
    clock = window.clock
    end = clock.monotonic() + window.left
    pause = min(FIRST_LOOK, window.settle / 10)
    while True:
        last = clock.monotonic() >= end
        seen, enough = look()
        if enough or last:
            return seen
        clock.wait(min(pause, max(0.0, end - clock.monotonic())))
        pause = min(2 * pause, LONGEST_LOOK)


def look_up(
    find: Callable[[], list[Existing]], target: Identity, window: Window, *, others_end_it: bool = False
) -> Settled:
    """Find those of a name until the wanted connection shows, or the window is over. Raises Halted."""

    def look() -> tuple[Settled, bool]:
        try:
            found = find()
        except LookUpFailed as error:
            return Settled(None, (), said("the look-up failed: {error}", error=error), False), False
        same = same_of(target, found)
        if same is not None:
            return Settled(same, (), "found by look-up", True), True
        return Settled(None, tuple(found), _told(found, window.settle), True), bool(found) and others_end_it

    return look_until(window, look)


def see(service: Service, connection_id: str, planned: PlannedRequest, window: Window) -> Seen:
    """Read a connection by its id; again while it is not there, or not as planned, and the window lasts.

    What is said to be deleted was there and is not looked at again. Raises LookUpFailed, Halted.
    """

    def look() -> tuple[Seen, bool]:
        seen = service.see(connection_id)
        if seen.existing is None:
            return seen, seen.deleted
        return seen, not planned.differences(seen.existing)

    return look_until(window, look)


def same_of(target: Identity, found: list[Existing]) -> Existing | None:
    """The wanted one among those of its name; None too if there are several."""
    same = [existing for existing in found if not target.differences(existing.identity)]
    return same[0] if len(same) == 1 else None


def taken_by(*ids: str) -> str:
    """That connections have the same name, and which."""
    more = said(" and {number:,} more", number=len(ids) - _NAMED) if len(ids) > _NAMED else ""
    return said(
        "the name is taken {number} times: {ids}{more}",
        number=len(ids),
        ids=", ".join(ids[:_NAMED]),
        more=more,
    )


def _told(found: list[Existing], settle: float) -> str:
    if not found:
        return said("not found within {settle:g} s", settle=settle)
    others = " and ".join(existing.id for existing in found[:_NAMED])
    return said(
        "not found within {settle:g} s, but another connection of that name ({others})",
        settle=settle,
        others=others,
    )
