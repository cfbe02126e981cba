"""Work on threads: in order and bounded. That it changes no result is a law among the others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from importer.checking.threads import in_order

WORKERS = (1, 2, 4)


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("size", [0, 1, 3, 4, 50])
def test_results_come_in_order(workers: int, size: int) -> None:
    """Whoever is done first, the results are those of the pieces, one after the other."""
    gate = threading.Event()

    def piece(number: int) -> Callable[[], int]:
        def work() -> int:
            if workers > 1 and number == 4 and size > 5:
                assert gate.wait(30), "a later piece is begun while an earlier one is not done"
            if number == 5:
                gate.set()
            return number

        return work

    assert list(in_order((piece(n) for n in range(size)), workers)) == list(range(size))


@pytest.mark.parametrize("workers", WORKERS)
def test_few_pieces_are_taken_ahead(workers: int) -> None:
    """Memory is bounded: never are more pieces taken than there are workers, and one, before their turn."""
    taken = 0

    def pieces() -> Iterator[Callable[[], None]]:
        nonlocal taken
        for _ in range(40):
            taken += 1
            yield lambda: None

    for given_out, _ in enumerate(in_order(pieces(), workers), 1):
        assert taken - given_out <= workers + 1


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
