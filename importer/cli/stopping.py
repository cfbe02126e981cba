"""How a run that sends is stopped by a signal: in order first, at once if it is told again."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING

from importer.cli.console import say_at_once
from importer.statuses import INTERRUPTED, TERMINATED
from importer.system import signals_that_end

if TYPE_CHECKING:
    from importer.sending.retry import Retry


@contextlib.contextmanager
def two_stages(retry: Retry) -> Iterator[list[int]]:
    """Ctrl-C, SIGTERM or SIGHUP once: finish calls under way and begin no new one; twice: stop at once."""
    from importer.sending.retry import Reason

    received: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        if received:
            # The journal is complete at every moment, and the next run looks up an open intent.
            os._exit(INTERRUPTED if number == signal.SIGINT else TERMINATED)
        received.append(number)
        say_at_once("dli-hosts: stopping: calls under way are finished first; a second signal stops at once")
        retry.halt(Reason.INTERRUPTED, "stopped")

    previous = {number: signal.signal(number, stop) for number in signals_that_end()}
    try:
        yield received
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
