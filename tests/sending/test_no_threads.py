"""No thread to be had: fewer workers, or a clear word before anything was sent."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from world import REQUESTS, World

from importer.errors import ImporterError
from importer.sending.result import State
from importer.sending.retry import Retry
from importer.sending.submit import Submission
from importer.sending.workers import carry_out_all

PLANNED = list(REQUESTS.values())[::2]


class Scripted:
    """Creates whatever it is given."""

    def carry_out(self, planned: Any) -> Any:
        """A result, and nothing else."""
        from importer.sending.result import Result

        return Result(planned.name, State.CREATED, "")


@contextlib.contextmanager
def make() -> Iterator[Submission]:
    """A submission that needs no service."""
    yield Scripted()  # type: ignore[misc]


@contextlib.contextmanager
def fails() -> Iterator[Submission]:
    """The thread that watches over calls cannot be started."""
    raise RuntimeError("can't start new thread")
    yield


def few(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """The system gives this many threads."""
    start = threading.Thread.start
    left = [number]

    def limited(thread: threading.Thread) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)


def retry() -> Retry:
    """A policy that nobody asks."""
    return Retry(World().clock())


@pytest.mark.parametrize("number", [1, 2])
def test_fewer_workers(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With less threads than workers all requests are carried out."""
    few(monkeypatch, number)
    results = dict(carry_out_all(PLANNED, make, retry(), workers=4))
    assert [results[number].state for number in range(len(PLANNED))] == [State.CREATED] * len(PLANNED)


@pytest.mark.parametrize("workers", [1, 4])
def test_no_thread(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was begun, and what to do is told."""
    few(monkeypatch, 0)
    with pytest.raises(ImporterError, match="no thread to spare") as caught:
        list(carry_out_all(PLANNED, make, retry(), workers=workers))
    assert "--workers 1" in caught.value.hint


@pytest.mark.parametrize("workers", [1, 4])
def test_no_watcher(workers: int) -> None:
    """A worker without its watcher sends nothing."""
    with pytest.raises(ImporterError, match="no thread to spare"):
        list(carry_out_all(PLANNED, fails, retry(), workers=workers))
