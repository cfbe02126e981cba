"""From lists, or from the jobs of a jobs file, to planned requests: each list is checked first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from importer.errors import ConnectionInvalid, ImporterError, InputError, UsageError
from importer.planning.jobs import Job, job_batches
from importer.planning.plan import Plan, PlannedRequest, plan_request
from importer.planning.request import Connection, build_request
from importer.planning.terms import Terms, requests
from importer.planning.updates import Update
from importer.shown import visible

if TYPE_CHECKING:
    from importer.checking.hosts import Hosts
    from importer.checking.report import Report
    from importer.checking.spread import Spread


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
    connection: Connection, terms: Terms, checked: tuple[Report, Hosts], sources: Iterable[str]
) -> Prepared:
    """The requests of a list that was checked. `sources`: what the user calls its files.

    Raises ConnectionInvalid where a part of the list cannot have its name.
    """
    report, hosts = checked
    if terms.blocking(report):
        return Prepared(connection=connection, terms=terms, report=report)
    totals, names = asdict(report.totals), tuple(sources)
    made = requests(connection, hosts.pairs(), several=terms.several(len(hosts)))
    planned = tuple(plan_request(request.body(), names, totals) for request in made)
    return Prepared(connection=connection, terms=terms, report=report, requests=planned)


def prepare_jobs(
    jobs: Iterable[Job],
    *,
    strict: bool = False,
    kept: Mapping[str, Any],
    progress: Callable[[int], None] | None = None,
) -> Iterator[Prepared]:
    """What each job comes to, in order; a job with a fault does not keep the others from being checked.

    `strict`: warnings forbid to send any list. `kept`: what reports hold, as fields of `CheckOptions`.
    `progress` is told the number of bytes read.
    """
    for job in jobs:
        terms = job.terms._replace(strict=job.terms.strict or strict)
        try:
            made = _prepare_job(job, terms, kept, progress)
            yield replace(made, requests=tuple(map(_to_update, made.requests))) if job.update else made
        except (InputError, ConnectionInvalid, UsageError) as error:
            yield Prepared(connection=job.connection, terms=terms, error=error)


def report_jobs(
    jobs: Iterable[Job],
    *,
    strict: bool = False,
    kept: Mapping[str, Any],
    spread: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Prepared]:
    """As `prepare_jobs`, but the lists are only checked, and no requests are made of them.

    `spread`: how the ready records lie in the address space is wanted, too.
    """
    from importer.checking.pipeline import survey
    from importer.checking.policy import Policy

    for job in jobs:
        terms = job.terms._replace(strict=job.terms.strict or strict)
        made = Prepared(connection=job.connection, terms=terms)
        try:
            if job.has_source:
                policy = Policy.of(job.check._replace(**kept))
                report, lie = survey(job_batches(job, progress), policy, spread=spread)
                made = replace(made, report=report, spread=lie)
        except (InputError, UsageError) as error:
            made = replace(made, error=error)
        yield made


def _to_update(request: PlannedRequest) -> PlannedRequest:
    return replace(request, update=Update())


def _prepare_job(
    job: Job, terms: Terms, kept: Mapping[str, Any], progress: Callable[[int], None] | None
) -> Prepared:
    from importer.checking.pipeline import collect
    from importer.checking.policy import Policy

    if not job.has_source:
        request = plan_request(build_request(job.connection, None).body())
        return Prepared(connection=job.connection, terms=terms, requests=(request,))
    sources = job.shown if job.inline is None else (*job.shown, job.inline_name)
    policy = Policy.of(job.check._replace(**kept))
    return prepare_list(job.connection, terms, collect(job_batches(job, progress), policy), sources)


def plan_of(planned: Iterable[PlannedRequest]) -> Plan:
    """The plan of these requests. Raises ConnectionInvalid where two of them have the same name."""
    plan, seen = Plan(tuple(planned)), set[str]()
    for request in plan.requests:
        if request.name in seen:
            raise ConnectionInvalid(
                f"two connections would be named {visible(request.name)}",
                hint="a list that is split makes NAME_1, NAME_2 ...; choose another name for the other one",
            )
        seen.add(request.name)
    return plan
