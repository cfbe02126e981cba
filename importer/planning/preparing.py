"""From lists, or from the jobs of a jobs file, to planned requests: each list is checked first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from importer.errors import ConnectionInvalid, ImporterError, InputError, UsageError
from importer.planning.jobs import Job, job_batches
from importer.planning.plan import PlannedRequest, plan_request, planned_request
from importer.planning.request import Connection, build_request
from importer.planning.terms import Terms, frames
from importer.planning.updates import Update

if TYPE_CHECKING:
    from importer.checking.policy import Policy
    from importer.checking.report import Report
    from importer.checking.spread import Spread
    from importer.columns.batch import RecordBatch
    from importer.planning.host_columns import HostBlocks


Progress = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What one connection came to."""

    connection: Connection
    terms: Terms
    report: Report | None = None
    """What its list came to; None where it has no list, or one that cannot be read."""
    spread: Spread | None = None
    """How its ready records lie, where that was asked for."""
    requests: tuple[PlannedRequest, ...] = ()
    """In order; none where the terms forbid to send the list."""
    error: ImporterError | None = None
    """Why its list could not be read, or made no request."""

    @property
    def is_blocked(self) -> bool:
        """Whether the terms forbid to send the list."""
        return self.report is not None and bool(self.terms.blocking(self.report))


def prepare_list(
    connection: Connection, terms: Terms, checked: tuple[Report, HostBlocks], sources: Iterable[str]
) -> Prepared:
    """The requests of a list that was checked. `sources`: what the user calls its files.

    Raises ConnectionInvalid where a part of the list cannot have its name.
    """
    report, hosts = checked
    if terms.blocking(report):
        return Prepared(connection=connection, terms=terms, report=report)
    totals, names = asdict(report.totals), tuple(sources)
    several = terms.several(len(hosts))
    planned = tuple(
        planned_request(frame, block.lines.tobytes(), block.distinct(), names, totals, lines=len(block))
        for block, frame in zip(hosts.parts(), frames(connection, several=several), strict=False)
    )
    return Prepared(connection=connection, terms=terms, report=report, requests=planned)


def blocks_of(batches: Iterable[RecordBatch], policy: Policy) -> tuple[Report, HostBlocks]:
    """The report on a list, and its ready records as lines of a request. Raises InputError."""
    from importer.checking.pipeline import run
    from importer.planning.host_columns import HostBlocks

    hosts = HostBlocks()
    report, hosts.withdrawn = run(batches, policy, hosts=hosts.add)
    return report, hosts


def prepare_jobs(
    jobs: Iterable[Job],
    *,
    strict: bool = False,
    kept: Mapping[str, Any],
    brief: bool = False,
    progress: Progress | None = None,
) -> Generator[Prepared]:
    """What each job comes to, in order; a job with a fault does not keep the others from being checked.

    `strict`: warnings forbid to send any list. `kept`: what reports hold, as fields of `CheckOptions`.
    `brief`: reports on lists that may be sent need to hold no findings, only their numbers. `progress` is
    told the number of bytes read.
    """

    def prepare(job: Job, progress: Progress | None) -> Prepared:
        terms = job.terms._replace(strict=job.terms.strict or strict)
        try:
            made = _prepare_job(job, terms, _COUNTED if brief else kept, progress)
            if brief and made.is_blocked:  # few are: such a list is judged again, to tell what is wrong
                made = _prepare_job(job, terms, kept, None)
            return replace(made, requests=tuple(map(_to_update, made.requests))) if job.update else made
        except (InputError, ConnectionInvalid, UsageError) as error:
            return Prepared(connection=job.connection, terms=terms, error=error)

    return _several_at_a_time(jobs, prepare, progress)


def report_jobs(
    jobs: Iterable[Job],
    *,
    strict: bool = False,
    kept: Mapping[str, Any],
    spread: bool = False,
    progress: Progress | None = None,
) -> Generator[Prepared]:
    """As `prepare_jobs`, but the lists are only checked, and no requests are made of them.

    `spread`: how the ready records lie in the address space is wanted, too.
    """
    from importer.checking.pipeline import survey
    from importer.checking.policy import Policy

    def survey_job(job: Job, progress: Progress | None) -> Prepared:
        terms = job.terms._replace(strict=job.terms.strict or strict)
        made = Prepared(connection=job.connection, terms=terms)
        try:
            if not job.has_source:
                return made
            policy = Policy.of(job.check._replace(**kept))
            report, lie = survey(job_batches(job, progress), policy, spread=spread)
            return replace(made, report=report, spread=lie)
        except (InputError, UsageError) as error:
            return replace(made, error=error)

    return _several_at_a_time(jobs, survey_job, progress)


def _to_update(request: PlannedRequest) -> PlannedRequest:
    return replace(request, update=Update())


class _Ended(Exception):
    """Nobody wants to know any more what a list comes to."""


def _several_at_a_time(
    jobs: Iterable[Job], work: Callable[[Job, Progress | None], Prepared], progress: Progress | None
) -> Generator[Prepared]:
    """What each job comes to, in order: lists are independent, so several are judged at the same time.

    `work` is given a `progress` that several threads may call. Where the caller ends early, lists that are
    under way are not read to their end.
    """
    from importer.checking.threads import in_order, useful

    lock, ended = threading.Lock(), threading.Event()

    def told(count: int) -> None:
        if ended.is_set():
            raise _Ended
        if progress is not None:
            with lock:
                progress(count)

    # The caller's own thread keeps what was made, which takes little time: so one more than is useful.
    return in_order((partial(work, job, told) for job in jobs), useful() + 1, ended.set)


_COUNTED = {"max_findings": 1, "max_infos": 1, "excerpts": False}
"""What is kept, as fields of `CheckOptions`, where findings are only counted: to tell of one takes about as
long as to judge a hundred records."""


def _prepare_job(job: Job, terms: Terms, kept: Mapping[str, Any], progress: Progress | None) -> Prepared:
    from importer.checking.policy import Policy

    if not job.has_source:
        request = plan_request(build_request(job.connection, None).body())
        return Prepared(connection=job.connection, terms=terms, requests=(request,))
    sources = job.shown if job.inline is None else (*job.shown, job.inline_name)
    policy = Policy.of(job.check._replace(**kept))
    return prepare_list(job.connection, terms, blocks_of(job_batches(job, progress), policy), sources)
