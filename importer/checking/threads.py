"""Several pieces of work at a time, in order.

numpy lets go of the interpreter's lock in its loops, so threads are enough for two cores.
"""

from __future__ import annotations

import contextlib
import os
import sys
from _thread import allocate_lock
from collections import deque
from collections.abc import Callable, Generator, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

Result = TypeVar("Result")
Part = TypeVar("Part")

_ALONE = 3
"""Pieces done before a thread is started: a list of 20,000 records is one or two."""
_MOST = 2
"""More threads than these wait for each other: to find and examine a piece takes one of them about as long as
to compare it with all earlier ones takes the caller's."""
_SWITCH = 0.0005
"""Seconds after which a thread that keeps the interpreter's lock, in small steps, hands it over. At the usual
0.005 the other one, between two long steps of numpy, waits for longer than a step takes."""


def in_order(
    pieces: Iterator[Callable[[], Result]], workers: int, ended: Callable[[], object] = lambda: None
) -> Generator[Result]:
    """The result of each piece, in their order; whatever a piece raises is raised in its turn.

    `workers` is the number of threads, the caller's own among them; 0 stands for as many as are useful here.
    At most as many pieces are taken before their turn, so memory is bounded. `ended` is called when no
    further result is wanted, before pieces that are under way are waited for.
    """
    workers = workers or useful()
    for piece in pieces if workers == 1 else islice(pieces, _ALONE):
        yield piece()
    following = next(pieces, None)
    if following is None:
        return
    from concurrent.futures import ThreadPoolExecutor

    waiting: deque[Future[Result]] = deque()
    with _quick_switches(), ThreadPoolExecutor(workers - 1, thread_name_prefix="dli-hosts") as pool:
        try:
            for piece in chain([following], pieces):
                waiting.append(_begun(pool, piece))
                if len(waiting) >= workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:  # the pool waits for what is under way
            ended()
            for future in waiting:
                future.cancel()


class _Switching:
    """How many runs of this process want quick switches, and the interval before the first of them."""

    lock = allocate_lock()  # of `threading`, which a short list need not load
    runs = 0
    before = 0.0


@contextlib.contextmanager
def _quick_switches() -> Iterator[None]:
    """Threads take turns more often until the last of several runs has ended, then as before the first."""
    with _Switching.lock:
        if not _Switching.runs:
            _Switching.before = sys.getswitchinterval()
            sys.setswitchinterval(min(_Switching.before, _SWITCH))
        _Switching.runs += 1
    try:
        yield
    finally:
        with _Switching.lock:
            _Switching.runs -= 1
            if not _Switching.runs:
                sys.setswitchinterval(_Switching.before)


def _begun(pool: ThreadPoolExecutor, piece: Callable[[], Result]) -> Future[Result]:
    """A piece under way on a thread; done already, on this one, where the system has no thread to spare."""
    try:
        return pool.submit(piece)
    except RuntimeError:
        from concurrent.futures import Future

        done: Future[Result] = Future()
        try:
            done.set_result(piece())
        except BaseException as error:
            done.set_exception(error)
        return done


def useful() -> int:
    """How many threads are useful here."""
    return min(_cores(), _MOST)


@contextlib.contextmanager
def behind(work: Callable[[Part], object]) -> Iterator[Callable[[Part], None]]:
    """`work` on parts, in their order, on a thread that is one part behind whoever hands them over.

    What it raises is raised when the next part is handed over, or at the end.
    """
    begun = 0
    waiting: Future[object] | None = None
    pool: ThreadPoolExecutor | None = None

    def hand_over(part: Part) -> None:
        nonlocal begun, waiting, pool
        begun += 1
        if begun <= _ALONE:
            work(part)
            return
        if pool is None:
            from concurrent.futures import ThreadPoolExecutor

            pool = ThreadPoolExecutor(1, thread_name_prefix="dli-hosts")
        if waiting is not None:
            waiting.result()
        waiting = pool.submit(work, part)

    try:
        yield hand_over
        if waiting is not None:
            waiting.result()
    finally:
        if pool is not None:
            pool.shutdown()


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
