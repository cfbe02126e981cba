"""Many lists judged at the same time: results in the order of the file, the same on any number of threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from importer.checking import threads
from importer.planning import preparing
from importer.planning.jobs import Job, job_batches, read_jobs
from importer.planning.plan_keeping import PlanKeeper
from importer.planning.preparing import Prepared, prepare_jobs, report_jobs
from importer.reading.options import ReadOptions

KEPT = {"max_findings": 0, "max_infos": None, "excerpts": True}
LISTS = 12


@pytest.fixture
def jobs(tmp_path: Path) -> tuple[Job, ...]:
    """Good lists; among them one with a conflict, one that cannot be read, and a connection without hosts."""
    text = '[defaults]\nvpc = "v"\nsubnet = "s"\n'
    for number in range(LISTS):
        rows = "".join(f"10.0.{number}.{n},n{n}\n" for n in range(1, 30))
        if number == 4:
            rows += "10.9.9.9,n1\n"
        source = "" if number == 7 else f'files = ["{number}.csv"]'
        (tmp_path / f"{number}.csv").write_text("" if number == 5 else f"ip,name\n{rows}")
        text += f'[[connection]]\nname = "c{number}"\n{source}\n'
    (tmp_path / "5.csv").write_bytes(b"PAR1")
    (tmp_path / "jobs.toml").write_text(text)
    return read_jobs(str(tmp_path / "jobs.toml"))


def told(made: Prepared) -> tuple[Any, ...]:
    """All that is known of a job."""
    contents = [request.content for request in made.requests]
    return made.connection, made.report, made.requests, contents, str(made.error)


@pytest.mark.parametrize("brief", [False, True])
def test_the_same_on_any_number_of_threads(
    brief: bool, jobs: tuple[Job, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reports, requests, errors and the plan do not depend on how many lists are judged at a time."""
    found, digests = [], []
    for number in (0, 1, 3):
        monkeypatch.setattr(threads, "useful", lambda number=number: number)
        prepared = list(prepare_jobs(jobs, kept=KEPT, brief=brief))
        found.append([told(made) for made in prepared])
        keeper = PlanKeeper()
        for made in prepared:
            for request in made.requests:
                keeper.add(request)
        digests.append(keeper.plan().digest)
    assert found[0] == found[1] == found[2]
    assert len(set(digests)) == 1
    assert [made.connection.name for made in prepared] == [f"c{number}" for number in range(LISTS)]
    assert [number for number, made in enumerate(prepared) if not made.requests] == [4, 5]
    assert prepared[4].is_blocked
    assert prepared[5].error is not None


def test_brief_tells_the_same_of_what_is_blocked(jobs: tuple[Job, ...]) -> None:
    """Where reports are brief, that on a list that may not be sent is whole, and all counts are exact."""
    whole, brief = (list(prepare_jobs(jobs, kept=KEPT, brief=brief)) for brief in (False, True))
    reports = list(report_jobs(jobs, kept=KEPT))
    for one, other, report in zip(whole, brief, reports, strict=True):
        assert one.report == report.report
        assert (one.report is None) is (other.report is None)
        if one.report is not None and other.report is not None:
            assert one.report.totals == other.report.totals
            assert one.report.reasons == other.report.reasons
            assert one.report == other.report or not one.is_blocked


def test_who_ends_early_does_not_wait_for_lists(
    jobs: tuple[Job, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that is under way when nobody wants to know any more is not read to its end."""
    begun = threading.Event()

    def batches(job: Job, progress: preparing.Progress) -> Iterator[Any]:
        while job.connection.name == "c5":  # it would never end
            begun.set()
            progress(1)
        return job_batches(job, progress)

    monkeypatch.setattr(threads, "useful", lambda: 2)
    monkeypatch.setattr(preparing, "job_batches", batches)
    made = prepare_jobs(jobs, kept=KEPT)
    assert [next(made).connection.name for _ in range(4)] == ["c0", "c1", "c2", "c3"]
    assert begun.wait(60)
    made.close()


def test_without_a_thread_to_spare(jobs: tuple[Job, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has no thread to spare, lists are judged one after the other."""
    expected = [told(made) for made in prepare_jobs(jobs, kept=KEPT)]

    def start(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    assert [told(made) for made in prepare_jobs(jobs, kept=KEPT)] == expected


def test_blocks_of_any_size(jobs: tuple[Job, ...]) -> None:
    """Requests do not depend on how a list is cut into blocks."""
    good = [job for job in jobs if job.connection.name in ("c0", "c1")]
    expected = [told(made) for made in prepare_jobs(good, kept=KEPT)]
    for size in (1, 50, 1 << 20):
        assert "block_size" in ReadOptions._fields
        cut = [_with_blocks(job, size) for job in good]
        assert [told(made)[2:] for made in prepare_jobs(cut, kept=KEPT)] == [one[2:] for one in expected]


def _with_blocks(job: Job, size: int) -> Job:
    from dataclasses import replace

    return replace(job, read={**job.read, "block_size": size})
