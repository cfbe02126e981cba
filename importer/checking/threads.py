"""Several pieces of work at a time, their results in order.

numpy lets go of the interpreter's lock in its loops, so threads are enough for two cores.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

Result = TypeVar("Result")

_ALONE = 3
"""Pieces done before a thread is started: a list of 20,000 records is one."""
_MOST = 2
"""More threads than these wait for the comparison with earlier records, which is done by one."""


def in_order(pieces: Iterator[Callable[[], Result]], workers: int) -> Iterator[Result]:
    """The result of each piece, in their order; whatever a piece raises is raised in its turn.

    `workers` is the number of threads, 1 for none but the caller's, 0 for as many as are useful here. At
    most one piece more than there are workers is taken before its turn, so memory is bounded.
    """
    workers = workers or min(_cores(), _MOST)
    for piece in pieces if workers == 1 else islice(pieces, _ALONE):
        yield piece()
    following = next(pieces, None)
    if following is None:
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers, thread_name_prefix="dli-hosts") as pool:
        waiting: deque[Future[Result]] = deque([pool.submit(following)])
        try:
            for piece in pieces:
                waiting.append(pool.submit(piece))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
