"""When to try again, and when to give up: the policy of a run, shared by its workers.

Only what surely was not carried out is tried again: reads, and creates that never arrived or were turned
away by the gateway. Clock, waiting and randomness are arguments.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import NamedTuple

ATTEMPTS = 3
"""Of one call, the first included, when it fails."""
BASE = 1.0
CAP = 20.0
"""Seconds; full jitter over BASE * 2^n, at most CAP."""
THROTTLE_BASE = 2.0
"""Seconds at least after a 429 without `Retry-After`; the gateway's error page advises 2 to 5."""
LONGEST_PAUSE = 300.0
"""A server that asks for more ends the run: it can be started again later."""


class Clock(NamedTuple):
    """Time and chance, as a run sees them."""

    now: Callable[[], float]
    """Seconds since the epoch; kept in the journal, so that a later run can tell how long ago it was."""
    monotonic: Callable[[], float]
    wait: Callable[[float], object]
    """Let seconds pass; may return early when the run is to end."""
    random: Callable[[], float]
    """From 0 up to 1."""
    boot: Callable[[], tuple[str, float]] = lambda: ("", 0.0)
    """Which start of the machine this is, and seconds since then, sleep included; empty where unknown."""


class Reason(Enum):
    """Why a run ended before all was done."""

    REFUSED = "refused"
    """Authentication, permission or quota: nothing later can succeed."""
    THROTTLED = "throttled"
    OUTAGE = "outage"
    TLS = "tls"
    INTERRUPTED = "interrupted"


class Halted(Exception):
    """No further call may be made in this run; not an error of the program, and never shown as one."""

    def __init__(self, reason: Reason, evidence: str) -> None:
        super().__init__(evidence)
        self.reason = reason
        self.evidence = evidence


@dataclass
class Retry:
    """One for all workers of a run: a budget of repeated calls, and a pause that holds for everybody."""

    clock: Clock
    budget: float = 20.0
    """Calls that may be repeated; each success gives a tenth back, so that an outage ends a run soon."""
    wake: Callable[[], object] = lambda: None
    """Ends the waiting of all workers when the run is to end."""
    halted: Halted | None = None
    """Why the run is to end; the first reason stays."""
    _until: float = 0.0
    _throttled: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def halt(self, reason: Reason, evidence: str) -> Halted:
        """End the run; returns what to raise."""
        with self._lock:
            if self.halted is None:
                self.halted = Halted(reason, evidence)
        self.wake()
        return self.halted

    def turn(self) -> None:
        """Wait until a call may be made. Raises Halted when none may."""
        while True:
            if self.halted is not None:
                raise self.halted
            with self._lock:
                left = self._until - self.clock.monotonic()
            if left <= 0:
                return
            self.clock.wait(left)

    def succeeded(self) -> None:
        """The service answered."""
        with self._lock:
            self.budget += 0.1
            self._throttled = 0

    def failed(self, attempt: int, evidence: str, reason: Reason = Reason.OUTAGE) -> None:
        """The attempt, counted from 1, came to nothing: wait before the next one.

        Raises Halted when attempts or budget are used up.
        """
        if attempt >= ATTEMPTS or not self._spend():
            raise self.halt(reason, evidence)
        self.clock.wait(self.clock.random() * min(CAP, BASE * 2.0**attempt))
        if self.halted is not None:
            raise self.halted

    def throttled(self, retry_after: str, evidence: str) -> None:
        """The gateway turned a call away: no worker calls again before the time that it asks for.

        Raises Halted where that is too long, or happens again and again.
        """
        with self._lock:
            self._throttled += 1
            again = self._throttled
        seconds = seconds_of(retry_after, self.clock.now())
        if seconds is None:
            seconds = min(60.0, THROTTLE_BASE * 2.0 ** min(again, 5)) * (0.5 + self.clock.random() / 2)
        if seconds > LONGEST_PAUSE or not self._spend():
            raise self.halt(Reason.THROTTLED, evidence)
        with self._lock:
            self._until = max(self._until, self.clock.monotonic() + seconds)

    def _spend(self) -> bool:
        with self._lock:
            self.budget -= 1
            return self.budget >= 0


def seconds_of(retry_after: str, now: float) -> float | None:
    """Seconds that a `Retry-After` header asks for (RFC 9110, 10.2.3), None if it says nothing sensible.

    A number of seconds or a date; what lies in the past is 0.
    """
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    if not text or len(text) > 64:
        return None
    try:
        date = parsedate_to_datetime(text)
        # The form without a zone, which is still to be understood, means GMT and not the local time.
        return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now)
    except (ValueError, OverflowError, TypeError):
        return None
