"""What arrived, in order: for people and tests that want to know what a client really did."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

MOST_BYTES = 32 << 20
"""Of all arrivals, about; older ones are forgotten."""
_EACH = 400
"""Bytes of an arrival without its texts."""
_METHOD, _PATH, _NAME = 16, 300, 64
"""Characters that are kept of what a peer says."""


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


def plain(name: str) -> str:
    """A name that a request says, as it is kept."""
    return name[:_NAME].encode("utf-8", "backslashreplace").decode()


def _size(arrival: Arrival) -> int:
    return _EACH + len(arrival.method) + len(arrival.path)


class Log:
    """The arrivals of one sandbox."""

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._ticks = ticks
        self._arrivals: deque[Arrival] = deque()
        self._bytes = 0

    def arrived(self, method: str, path: str) -> Arrival:
        """Note a request; what becomes of it is filled in later."""
        arrival = Arrival(self._ticks(), method[:_METHOD], path[:_PATH])
        with self._lock:
            self._arrivals.append(arrival)
            self._bytes += _size(arrival)
            while self._bytes > MOST_BYTES:
                self._bytes -= _size(self._arrivals.popleft())
        return arrival

    def arrivals(self) -> list[dict[str, Any]]:
        """All arrivals, oldest first, as objects for JSON."""
        with self._lock:
            return [asdict(arrival) for arrival in self._arrivals]
