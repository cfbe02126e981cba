"""How far a run has come: a bar on a terminal after half a second, else a line every 30 seconds."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Any

from importer.cli.console import draws_bars, say
from importer.shown import visible

_BAR_DELAY = 0.5
_HEARTBEAT = 30.0


class Progress:
    """Bytes read so far."""

    def __init__(self, total: int, *, quiet: bool) -> None:
        self._total = total or None
        self._quiet = quiet
        self._done = 0
        self._start = time.monotonic()
        self._next = self._start + (_BAR_DELAY if draws_bars(sys.stderr) else _HEARTBEAT)
        self._bar: Any = None

    def __call__(self, count: int) -> None:
        """Take note of bytes read."""
        self._done += count
        if self._bar is not None:
            self._bar.update(count)
        elif not self._quiet and time.monotonic() >= self._next:
            self._show()

    def _show(self) -> None:
        if draws_bars(sys.stderr):
            from tqdm import tqdm

            self._bar = tqdm(
                total=self._total,
                initial=self._done,
                unit="B",
                unit_scale=True,
                leave=False,
                desc="reading",
                file=sys.stderr,
            )
            return
        seconds = time.monotonic() - self._start
        share = f" of {self._total / 1e6:,.0f} MB" if self._total else ""
        say(f"reading: {self._done / 1e6:,.0f} MB{share}, {seconds:.0f} s")
        self._next += _HEARTBEAT

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()


class Steps:
    """Steps done, of a known number of them."""

    def __init__(self, total: int, what: str, *, quiet: bool) -> None:
        self._total = total
        self._what = what
        self._quiet = quiet
        self._done = 0
        self._bar: Any = None
        self._begin()

    def _begin(self) -> None:
        self._next = time.monotonic() + (_BAR_DELAY if draws_bars(sys.stderr) else _HEARTBEAT)

    def __enter__(self) -> Steps:
        """Begin to count; the bar shows when it takes long."""
        self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def done(self) -> None:
        """Count one more step."""
        self._done += 1
        if self._bar is not None:
            self._bar.update(1)
        elif not self._quiet and time.monotonic() >= self._next:
            self._show()

    def _show(self) -> None:
        if draws_bars(sys.stderr):
            from tqdm import tqdm

            self._bar = tqdm(
                total=self._total, initial=self._done, desc=self._what, leave=False, file=sys.stderr
            )
            return
        say(f"{self._what}: {self._done:,} of {self._total:,}")
        self._next += _HEARTBEAT

    def say(self, text: str) -> None:
        """Talk, above the bar."""
        with self.paused():
            say(visible(text))

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Take the bar away while a line is written."""
        if self._bar is None:
            yield
            return
        with self._bar.external_write_mode(file=sys.stderr):
            yield
