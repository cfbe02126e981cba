"""When to try again, and when to give up: the policy of a run, shared by its workers.

Only what surely was not carried out is tried again: reads, and creates that never arrived or were turned
away by the gateway. Clock, waiting and randomness are arguments.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from importer.calling.clocks import date_of
from importer.language import said

ATTEMPTS = 3
"""Of one call, the first included, when it fails."""
BASE = 1.0
CAP = 20.0
"""Seconds; full jitter over BASE * 2^n, at most CAP."""
THROTTLE_BASE = 2.0
"""Seconds at least after a 429 without `Retry-After`; the gateway's error page advises 2 to 5."""
LONGEST_PAUSE = 300.0
"""A server that asks for more ends the run: it can be started again later."""
MOST_DOUBTS = 3
"""Create calls in a row whose outcome nobody can tell; then no more are made."""
_FIRST_PACE, _SLOWEST, _FULL_SPEED, _FASTER = 0.05, 10.0, 30.0, 0.02
"""Seconds between calls when some are turned away, and at most; calls a second from which on all may go, and
by which each success lets them go faster."""


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
    NO_API = "no-api"
    """The gateway knows no such call: each one would fail in the same way."""
    DOUBT = "doubt"
    """The outcome of several create calls in a row cannot be told."""
    INTERRUPTED = "interrupted"


class Halted(Exception):
    """No further call may be made in this run; not an error of the program, and never shown as one."""

    def __init__(self, reason: Reason, evidence: str) -> None:
        super().__init__(evidence)
        self.reason = reason
        self.evidence = evidence


@dataclass
class Retry:
    """One for all workers of a run: a budget of repeated calls, a pause and a pace that hold for everybody.

    A call that is turned away for coming too soon, and is made again when the gateway said, is not a failure:
    the run goes slower, and ends only where nothing succeeds any more.
    """

    clock: Clock
    budget: float = 20.0
    """Calls that may be repeated; each success gives a tenth back, so that an outage ends a run soon."""
    wake: Callable[[], object] = lambda: None
    """Ends the waiting of all workers when the run is to end."""
    rate: float = 0.0
    """Calls a second, at most; 0 is as many as come."""
    halted: Halted | None = None
    """Why the run is to end; the first reason stays."""
    _until: float = 0.0
    _next: float = 0.0
    """The first moment that no call has taken yet."""
    _interval: float = 0.0
    """Seconds between calls, since some were turned away; 0 if none was."""
    _throttled: int = 0
    _since: int = 0
    """Successes since a call was turned away."""
    _doubts: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def halt(self, reason: Reason, evidence: str) -> Halted:
        """End the run; returns what to raise."""
        with self._lock:
            if self.halted is None:
                self.halted = Halted(reason, evidence)
        self.wake()
        return self.halted

    def turn(self) -> bool:
        """Wait until a call may be made; whether that was in a pause. Raises Halted when none may."""
        paused = False
        mine: float | None = None
        while True:
            if self.halted is not None:
                raise self.halted
            with self._lock:
                now = self.clock.monotonic()
                left = self._until - now
                if left > 0:
                    paused, mine = True, None
                else:
                    if mine is None:
                        mine = max(now, self._next)
                        self._next = mine + max(self._interval, 1 / self.rate if self.rate else 0.0)
                    left = mine - now
            if left <= 0:
                return paused
            self.clock.wait(left)

    def succeeded(self) -> None:
        """The service answered."""
        with self._lock:
            self.budget += 0.1
            self._throttled = 0
            self._since += 1
            if self._interval:
                faster = 1.01 / self._interval + _FASTER
                self._interval = 1 / faster if faster < _FULL_SPEED else 0.0

    def failed(
        self, attempt: int, evidence: str, reason: Reason = Reason.OUTAGE, retry_after: str = ""
    ) -> None:
        """The attempt, counted from 1, came to nothing: wait before the next one.

        Raises Halted when attempts or budget are used up, or the server asks for too long a pause.
        """
        asked = seconds_of(retry_after, self.clock.now()) or 0.0
        if attempt >= ATTEMPTS or asked > LONGEST_PAUSE or not self._spend():
            raise self.halt(reason, _with_asked(evidence, asked))
        if asked:
            self.pause(asked)
        self.clock.wait(self.clock.random() * min(CAP, BASE * 2.0**attempt))
        if self.halted is not None:
            raise self.halted

    def throttled(self, retry_after: str, evidence: str) -> None:
        """The gateway turned a call away: no worker calls again before the time that it asks for.

        Raises Halted where that is too long, or happens again and again without a success.
        """
        with self._lock:
            if self.clock.monotonic() >= self._until:  # else it came before the pause held for everybody
                self._throttled += 1
                self._interval = min(
                    _SLOWEST, max(_FIRST_PACE, self._interval * (2 if self._since < 5 else 1.5))
                )
                self._since = 0
            again = self._throttled
        asked = seconds_of(retry_after, self.clock.now())
        own = BASE if asked is not None else min(60.0, THROTTLE_BASE * 2.0 ** min(again, 5))
        if (asked or 0.0) > LONGEST_PAUSE or again > self.budget:
            raise self.halt(Reason.THROTTLED, _with_asked(evidence, asked or 0.0))
        self.pause(max(asked or 0.0, own * (0.5 + self.clock.random() / 2)))

    def pause(self, seconds: float) -> None:
        """No worker calls before these seconds have passed, and then one after the other."""
        with self._lock:
            self._until = max(self._until, self.clock.monotonic() + min(seconds, LONGEST_PAUSE))
            self._next = max(self._next, self._until)

    def doubted(self) -> None:
        """Nobody can tell what became of a create call."""
        with self._lock:
            self._doubts += 1

    def cleared(self) -> None:
        """It is known what became of a create call."""
        with self._lock:
            self._doubts = 0

    def brake(self, evidence: str) -> None:
        """A create call stays in doubt: end the run where those before it do, too."""
        if self._doubts >= MOST_DOUBTS:
            self.halt(
                Reason.DOUBT,
                said(
                    "of {doubts} create calls in a row nobody can tell: {evidence}",
                    doubts=self._doubts,
                    evidence=evidence,
                ),
            )

    def _spend(self) -> bool:
        with self._lock:
            self.budget -= 1
            return self.budget >= 0


def _with_asked(evidence: str, asked: float) -> str:
    return (
        said("{evidence} (asked to wait {asked:,.0f} s)", evidence=evidence, asked=asked)
        if asked > LONGEST_PAUSE
        else evidence
    )


def asked_in(headers: Mapping[str, str]) -> str:
    """The `Retry-After` of an answer; a date counts from the answer's own `Date`, whatever the clock here."""
    text, date = headers.get("Retry-After", ""), date_of(headers.get("Date", ""))
    until = date_of(text)
    return f"{max(0.0, until - date):.0f}" if until is not None and date is not None else text


def seconds_of(retry_after: str, now: float) -> float | None:
    """Seconds that a `Retry-After` header asks for (RFC 9110, 10.2.3), None if it says nothing sensible.

    A number of seconds or a date; what lies in the past is 0.
    """
    text = _one_number(retry_after.strip())
    if text.isascii() and text.isdecimal():
        return float(text)
    until = date_of(text)
    return None if until is None else max(0.0, until - now)


def _one_number(text: str) -> str:
    """The number that a header has which came twice, or with a fraction of nothing; else the text."""
    if len(text) > 64 or text.startswith("."):
        return text
    parts = {part.strip() for part in text.split(",")}
    one = parts.pop() if len(parts) == 1 else text
    whole, point, fraction = one.partition(".")
    return whole if point and fraction and not fraction.strip("0") else one
