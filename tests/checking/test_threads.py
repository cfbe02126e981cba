"""Work on threads: in order and bounded. That it changes no result is a law among the others."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from importer.checking.threads import behind, in_order

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


@pytest.mark.parametrize("size", [0, 1, 3, 4, 50])
def test_work_behind_is_done_in_order(size: int) -> None:
    """Every part is worked on, one after the other, and all of them once the block is left."""
    done: list[int] = []
    with behind(done.append) as hand_over:
        for number in range(size):
            hand_over(number)
            assert len(done) >= number - 1
    assert done == list(range(size))


def test_work_behind_goes_on_meanwhile() -> None:
    """Whoever hands a part over does not wait for it to be done."""
    go_on, done = threading.Event(), []

    def work(number: int) -> None:
        assert number < 10 or go_on.wait(30), "nobody goes on while this part is not done"
        done.append(number)

    with behind(work) as hand_over:
        for number in range(11):
            hand_over(number)
        go_on.set()
    assert done == list(range(11))


@pytest.mark.parametrize("bad", [0, 2, 7, 19])
def test_what_work_behind_raises(bad: int) -> None:
    """An exception is raised at the next part or at the end, and no part behind it is worked on."""
    done: list[int] = []

    def work(number: int) -> None:
        if number == bad:
            raise ZeroDivisionError
        done.append(number)

    def all_parts() -> None:
        with behind(work) as hand_over:
            for number in range(20):
                hand_over(number)

    with pytest.raises(ZeroDivisionError):
        all_parts()
    assert done == list(range(bad))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("dli-hosts")]
