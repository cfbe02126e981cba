"""Work on threads: in order and bounded. That it changes no result is a law among the others."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from importer.checking.threads import in_order

WORKERS = (1, 2, 4)


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("size", [0, 1, 3, 4, 50])
def test_results_come_in_order(workers: int, size: int) -> None:
    """Whoever is done first, the results are those of the pieces, one after the other."""
    later_begun = threading.Event()

    def piece(number: int) -> Callable[[], int]:
        def work() -> int:
            if workers == 4 and number == 10:
                assert later_begun.wait(30), "no later piece is begun while this one is not done"
            if number == 11:
                later_begun.set()
            return number

        return work

    assert list(in_order((piece(n) for n in range(size)), workers)) == list(range(size))


def test_the_interpreter_is_left_as_it_was() -> None:
    """The pace at which threads take turns is the program's own again, however the pieces end."""
    before = sys.getswitchinterval()
    results = in_order((lambda: 0 for _ in range(20)), 2)
    assert [next(results) for _ in range(5)] == [0] * 5
    results.close()
    assert sys.getswitchinterval() == before
    assert sum(in_order((lambda: 1 for _ in range(20)), 2)) == 20
    assert sys.getswitchinterval() == before


@pytest.mark.parametrize("workers", WORKERS)
def test_few_pieces_are_taken_ahead(workers: int) -> None:
    """Memory is bounded: never are more pieces taken before their turn than there are workers."""
    taken = 0

    def pieces() -> Iterator[Callable[[], None]]:
        nonlocal taken
        for _ in range(40):
            taken += 1
            yield lambda: None

    for given_out, _ in enumerate(in_order(pieces(), workers), 1):
        assert taken - given_out <= workers


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("bad", [0, 2, 7, 19])
def test_what_a_piece_raises(workers: int, bad: int) -> None:
    """An exception is raised in its turn, after the results before it, and nothing hangs."""

    def piece(number: int) -> Callable[[], int]:
        return lambda: number if number != bad else number // 0

    results: list[int] = []
    with pytest.raises(ZeroDivisionError):
        results.extend(in_order((piece(n) for n in range(20)), workers))
    assert results == list(range(bad))
