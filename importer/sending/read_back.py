"""What a connection looks like after it was made, and how the journal comes to know of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from importer.language import said
from importer.planning.identity import Existing, Identity
from importer.planning.plan import PlannedRequest
from importer.sending.journal import Journal
from importer.sending.looking import Window, see, taken_by
from importer.sending.records import FINE
from importer.sending.result import THERE, Result, State
from importer.sending.retry import Halted, Retry
from importer.sending.service import LookUpFailed, Service

_FIRST_POLL, _LONGEST_POLL = 0.5, 10.0


@dataclass(frozen=True)
class ReadBack:
    """What a connection looked like; all is as it should be where there is neither problem nor doubt."""

    existing: Existing | None
    problem: str = ""
    """Why it is not as it was asked for."""
    unsure: str = ""
    """Why it is not known yet whether it is."""


def read_back(service: Service, planned: PlannedRequest, connection_id: str, window: Window) -> ReadBack:
    """Read a connection by its id and compare it with what was planned; `window`: of its create call."""
    try:
        existing = see(service, connection_id, planned, window).existing
    except (LookUpFailed, Halted) as error:
        return ReadBack(None, unsure=said("it could not be read back: {error}", error=error))
    if existing is None:
        return ReadBack(None, "it is not there when read back")
    if differences := planned.differences(existing):
        return ReadBack(
            existing,
            said(
                "read back, it differs in {differences}{existing}",
                differences=differences,
                existing=planned.apart(existing),
            ),
        )
    return ReadBack(existing, existing.failed)


def wait_for_pools(
    service: Service, planned: PlannedRequest, connection_id: str, retry: Retry, window: Window, *, end: float
) -> ReadBack:
    """Read a connection until each of its peerings is ACTIVE or one FAILED, or the monotonic time is `end`.

    The record of a connection is made at once, its peerings to pools and queues some time later.
    """
    clock = retry.clock
    pause = _FIRST_POLL
    over = clock.monotonic() + window.left
    while True:
        left = max(0.0, over - clock.monotonic())
        seen = read_back(service, planned, connection_id, window._replace(left=left))
        if seen.existing is None or seen.problem or not seen.existing.pending:
            return seen
        if clock.monotonic() >= end or retry.halted is not None:
            return ReadBack(seen.existing, unsure=seen.existing.pending)
        clock.wait(min(pause, max(0.0, end - clock.monotonic())))
        pause = min(2 * pause, _LONGEST_POLL)


def result_of(result: Result, seen: ReadBack) -> Result:
    """A result in the light of what was read back; what was created stays so, whatever is not known."""
    if seen.problem:
        return result._replace(state=State.DEFECTIVE, evidence=seen.problem)
    pending = seen.existing.pending if seen.existing is not None else result.pending
    return result._replace(pending=pending, unsure=seen.unsure or result.unsure)


def with_twins(
    planned: PlannedRequest, result: Result, find: Callable[[str, Identity], list[Existing]]
) -> Result:
    """Look up the name of a connection that is there: it may be there more than once."""
    try:
        found = find(planned.name, planned.identity)
    except (LookUpFailed, Halted) as error:
        return result._replace(
            unsure=said("whether an earlier call has made another one: {error}", error=error)
        )
    twins = tuple(existing.id for existing in found if existing.id != result.connection_id)
    if not twins:
        return result
    told = taken_by(result.connection_id, *twins)
    return result._replace(twins=twins, evidence=f"{result.evidence}; {told}")


def keep(journal: Journal, result: Result) -> None:
    """Record in the journal what was found of a connection that it says is there. Raises JournalError."""
    entry = journal.entry(result.name)
    if not entry.is_done:
        return
    if result.twins:
        journal.note(result.name, "twins", result.evidence, ids=[entry.id, *result.twins])
    elif result.state in (State.GONE, State.CONFLICT, State.DEFECTIVE):
        journal.note(result.name, result.state.value, result.evidence)
    elif result.state in THERE and result.pending:
        journal.note(result.name, "pending", result.pending)
    elif result.state in THERE and not result.unsure:
        journal.note(result.name, FINE, "")
