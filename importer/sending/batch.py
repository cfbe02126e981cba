"""Many planned requests, several at a time: workers that share one policy, one pause and one journal."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from importer.sending.identity import Existing
from importer.sending.plan import PlannedRequest
from importer.sending.retry import Halted, Reason, Retry
from importer.sending.service import LookUpFailed, Service
from importer.sending.submit import Result, State, Submission

_TICK = 0.2
"""Seconds after which the main thread looks up, so that signals are answered."""
_FIRST_POLL, _LONGEST_POLL = 0.5, 10.0

_FAILED = (State.REJECTED, State.CONFLICT, State.GONE, State.DEFECTIVE)

MakeSubmission = Callable[[], AbstractContextManager[Submission]]


def carry_out_all(
    requests: Sequence[PlannedRequest], make: MakeSubmission, retry: Retry, *, workers: int
) -> Iterator[tuple[int, Result]]:
    """Carry out every request, each once; number and result of each as it ends, in any order.

    `make` gives each worker its own submission, since connections are not shared between threads. When
    the run is halted no new request is begun; those that were not begun have no result. Whatever a worker
    raises is raised here.
    """
    waiting: queue.SimpleQueue[tuple[int, PlannedRequest]] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, Result] | BaseException | None] = queue.SimpleQueue()
    for numbered in enumerate(requests):
        waiting.put(numbered)

    def work() -> None:
        try:
            with make() as submission, contextlib.suppress(queue.Empty):
                while retry.halted is None:
                    number, planned = waiting.get_nowait()
                    done.put((number, submission.carry_out(planned)))
            done.put(None)
        except BaseException as error:
            done.put(error)

    running = min(workers, len(requests))
    for _ in range(running):
        # A second Ctrl-C must end the process at once, whatever a worker waits for: hence daemons.
        threading.Thread(target=work, daemon=True).start()
    failure: BaseException | None = None
    while running:
        try:
            item = done.get(timeout=_TICK)
        except queue.Empty:
            continue
        if isinstance(item, tuple):
            yield item
            continue
        running -= 1
        if item is not None:
            failure = failure or item
            retry.halt(Reason.INTERRUPTED, "the run had to be ended")
    if failure is not None:
        raise failure


@dataclass(frozen=True)
class ReadBack:
    """What a connection looks like after it was made."""

    existing: Existing | None
    problem: str
    """Why it is not as it was asked for; empty if it is."""
    known: bool = True
    """The service answered."""


def read_back(service: Service, planned: PlannedRequest, connection_id: str) -> ReadBack:
    """Read a connection by its id and compare it with what was planned."""
    try:
        existing = service.show(connection_id)
    except (LookUpFailed, Halted) as error:
        return ReadBack(None, f"it could not be read back: {error}", known=False)
    if existing is None:
        return ReadBack(None, "it is not there when read back")
    differences = planned.identity.differences(existing.identity)
    text = f"read back, it differs in {', '.join(differences)}" if differences else ""
    return ReadBack(existing, text)


def wait_for_pools(
    service: Service, planned: PlannedRequest, connection_id: str, retry: Retry, *, seconds: float
) -> ReadBack:
    """Read a connection until each of its peerings is ACTIVE or FAILED, at most for these seconds.

    The record of a connection is made at once, its peerings to pools and queues some time later.
    """
    clock = retry.clock
    end = clock.monotonic() + seconds
    pause = _FIRST_POLL
    while True:
        seen = read_back(service, planned, connection_id)
        if seen.existing is None or seen.problem:
            return seen
        failed = [peering for peering in seen.existing.peerings if peering.status == "FAILED"]
        pending = [
            peering for peering in seen.existing.peerings if peering.status not in ("ACTIVE", "FAILED")
        ]
        if failed:
            text = "; ".join(f"{one.name} FAILED: {one.error or 'no reason given'}" for one in failed)
            return ReadBack(seen.existing, text)
        if not pending:
            return seen
        if clock.monotonic() >= end or retry.halted is not None:
            text = "; ".join(f"{one.name} is still {one.status or 'without a status'}" for one in pending)
            return ReadBack(seen.existing, text, known=False)
        clock.wait(min(pause, max(0.0, end - clock.monotonic())))
        pause = min(2 * pause, _LONGEST_POLL)


@dataclass(frozen=True)
class Summary:
    """How a run ended."""

    results: tuple[Result | None, ...]
    """In the order of the plan; None for what was not begun."""
    halted: Halted | None

    def count(self, state: State) -> int:
        """Requests that ended in this state."""
        return sum(1 for result in self.results if result is not None and result.state is state)

    def counts(self) -> dict[str, int]:
        """Requests by their state, in the order of the states; those that were not sent are apart."""
        found = {state.value: self.count(state) for state in State if state is not State.NOT_SENT}
        return {state: count for state, count in found.items() if count}

    @property
    def not_begun(self) -> int:
        """Requests that were not begun, or begun and not sent."""
        return sum(1 for result in self.results if result is None) + self.count(State.NOT_SENT)

    def status(self) -> int:
        """5 unknown, 4 failed, 2 no trustworthy server, 75 run again later, 0 all is as planned."""
        reason = self.halted.reason if self.halted is not None else None
        if self.count(State.UNKNOWN):
            return 5
        if any(map(self.count, _FAILED)) or reason is Reason.REFUSED:
            return 4
        if reason is Reason.TLS:
            return 2
        if reason is not None:
            return 75
        return 4 if self.not_begun else 0
