"""Many planned requests, several at a time: workers that share one policy, one pause and one journal."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager

from importer.errors import ImporterError, JournalError
from importer.language import said
from importer.planning.plan import PlannedRequest
from importer.sending.result import Result, State
from importer.sending.retry import Reason, Retry
from importer.sending.submit import Submission

_TICK = 0.2
"""Seconds after which the main thread looks up, so that signals are answered."""

NO_THREAD = "the system has no thread to spare"

MakeSubmission = Callable[[], AbstractContextManager[Submission]]


def carry_out_all(
    requests: Sequence[PlannedRequest], make: MakeSubmission, retry: Retry, *, workers: int
) -> Generator[tuple[int, Result], None, None]:
    """Carry out every request, each once; number and result of each as it ends, in any order.

    `make` gives each worker its own submission, since connections are not shared between threads. When
    the run is halted no new request is begun; those that were not begun come last. Whatever a worker
    raises is raised here, behind all results. Closing the iterator halts the run and waits for what is
    under way.

    At most `workers` requests are begun whose results were not taken: where results cannot be told,
    nothing more is sent.
    """
    waiting: queue.SimpleQueue[tuple[int, PlannedRequest]] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, Result] | BaseException | None] = queue.SimpleQueue()
    for numbered in enumerate(requests):
        waiting.put(numbered)

    def work() -> None:
        try:
            with _made(make) as submission, contextlib.suppress(queue.Empty):
                while untold.acquire() and retry.halted is None:
                    number, planned = waiting.get_nowait()
                    try:
                        done.put((number, submission.carry_out(planned)))
                    except JournalError as error:
                        done.put((number, submission.unwritten(planned, error)))
                        raise
            done.put(None)
        except BaseException as error:
            done.put(error)

    running = min(workers, len(requests))
    untold = threading.Semaphore(running)
    running = _started(work, running)
    failure: BaseException | None = None
    try:
        while running:
            try:
                item = done.get(timeout=_TICK)
            except queue.Empty:
                continue
            if isinstance(item, tuple):
                yield item
                untold.release()
                continue
            running -= 1
            if item is not None:
                failure = failure or item
                retry.halt(Reason.INTERRUPTED, "the run had to be ended")
    finally:
        if running:  # the caller has stopped reading results
            retry.halt(Reason.INTERRUPTED, "the run had to be ended")
            untold.release(running)
        while running:
            running -= not isinstance(done.get(), tuple)
    reason = str(failure or (retry.halted.evidence if retry.halted is not None else ""))
    with contextlib.suppress(queue.Empty):
        while True:
            number, planned = waiting.get_nowait()
            yield (
                number,
                Result(
                    planned.name, State.NOT_BEGUN, said("the run was stopped before: {reason}", reason=reason)
                ),
            )
    if failure is not None:
        raise failure


def _started(work: Callable[[], None], number: int) -> int:
    """Start so many threads, or as many as there are to be had. Raises ImporterError where there is none."""
    for started in range(number):
        try:
            # A second Ctrl-C must end the process at once, whatever a worker waits for, so they are daemons.
            threading.Thread(target=work, daemon=True).start()
        except RuntimeError:
            if not started:
                raise ImporterError(NO_THREAD, hint=_FEWER) from None
            return started
    return number


@contextlib.contextmanager
def _made(make: MakeSubmission) -> Generator[Submission, None, None]:
    """A worker's submission. Raises ImporterError where there is no thread that watches over its calls."""
    with contextlib.ExitStack() as stack:
        try:
            submission = stack.enter_context(make())
        except RuntimeError:
            raise ImporterError(NO_THREAD, hint=_FEWER) from None
        yield submission


_FEWER = "nothing more was sent; end other programs or raise the limit of processes, or say --workers 1"
