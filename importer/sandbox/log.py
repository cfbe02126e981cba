"""What arrived, in order: for people and tests that want to know what a client really did."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

MOST = 100_000
"""Older arrivals are forgotten."""


@dataclass
class Arrival:
    """One request."""

    time: float
    """Seconds of a clock that never goes back, when its header had come."""
    method: str
    path: str
    name: str = ""
    """Of the connection, where the request says or implies it."""
    fault: str | None = None
    status: int | None = None
    """What was answered; None where nothing was."""


class Log:
    """The arrivals of one sandbox."""

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._ticks = ticks
        self._arrivals: deque[Arrival] = deque(maxlen=MOST)

    def arrived(self, method: str, path: str) -> Arrival:
        """Note a request; what becomes of it is filled in later."""
        arrival = Arrival(self._ticks(), method, path)
        with self._lock:
            self._arrivals.append(arrival)
        return arrival

    def arrivals(self) -> list[dict[str, Any]]:
        """All arrivals, oldest first, as objects for JSON."""
        with self._lock:
            return [asdict(arrival) for arrival in self._arrivals]
