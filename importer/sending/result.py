"""What became of a planned request, and of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from importer import statuses
from importer.sending.retry import Halted, Reason


class State(Enum):
    """What became of a planned request in this run."""

    CREATED = "created"
    UPDATED = "updated"
    """It has the hosts that were planned, by a call of this run or of one before."""
    EXISTS = "exists"
    """It was there, equal to what was planned."""
    REJECTED = "rejected"
    CONFLICT = "conflict"
    """Another connection has the name; it was left as it is."""
    GONE = "gone"
    """It was created once, and is no longer there."""
    UNKNOWN = "unknown"
    DEFECTIVE = "defective"
    """It was created, and is not as planned when read back, or a pool cannot be reached."""
    NOT_SENT = "not-sent"
    NOT_BEGUN = "not-begun"
    """The run had ended before it was its turn."""


class Result(NamedTuple):
    """What became of a planned request, and how that is known."""

    name: str
    state: State
    evidence: str
    connection_id: str = ""
    request_id: str = ""
    twins: tuple[str, ...] = ()
    """Ids of further live connections of that name, where two calls may have been carried out."""
    pending: str = ""
    """Pools that were not connected yet when it was read, which takes its time."""
    unsure: str = ""
    """What was to be made sure of a connection that is there, and could not be."""


THERE = (State.CREATED, State.UPDATED, State.EXISTS)
"""The connection is there, as planned."""
_FAILED = (State.REJECTED, State.CONFLICT, State.GONE, State.DEFECTIVE)
_UNSENT = (State.NOT_SENT, State.NOT_BEGUN)


@dataclass(frozen=True)
class Summary:
    """How a run ended."""

    results: tuple[Result, ...]
    """One for each request, in the order of the plan."""
    halted: Halted | None

    def of(self, *states: State) -> list[Result]:
        """The results with these states."""
        return [result for result in self.results if result.state in states]

    def counts(self) -> dict[str, int]:
        """Requests by their state, in the order of the states; those that were not sent are apart."""
        found = {state.value: len(self.of(state)) for state in State if state not in _UNSENT}
        return {state: count for state, count in found.items() if count}

    @property
    def not_sent(self) -> int:
        """Requests that were not begun, or begun and not sent."""
        return len(self.of(*_UNSENT))

    @property
    def unsure(self) -> list[Result]:
        """Those that are there, and of which something was to be made sure that could not be."""
        return [result for result in self.of(*THERE) if result.unsure]

    @property
    def twins(self) -> list[Result]:
        """Those whose name more than one connection has, by calls of ours."""
        return [result for result in self.results if result.twins]

    def status(self) -> int:
        """The exit status: what came of the create calls goes before what became of a connection later."""
        reason = self.halted.reason if self.halted is not None else None
        if self.of(State.UNKNOWN):
            return statuses.UNKNOWN
        if self.of(*_FAILED) or self.twins or reason is Reason.REFUSED:
            return statuses.FAILED
        if reason in (Reason.TLS, Reason.NO_API):
            return statuses.CANNOT_WORK
        if reason is not None:
            return statuses.AGAIN_LATER
        if self.unsure:
            return statuses.UNKNOWN
        # The service could not be asked, or its answer not be understood: nothing is known to have failed.
        return statuses.CANNOT_WORK if self.not_sent else statuses.CLEAN
