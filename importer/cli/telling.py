"""What `submit` says while it sends: lines for people, or JSON for programs, one object on each line."""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

from importer.cli.console import colour_wanted, say, write_results
from importer.cli.progress import Steps
from importer.errors import UsageError
from importer.language import plural, said
from importer.rendering.pretty import json_text
from importer.rendering.terminal import paint
from importer.sending.result import State
from importer.sending.retry import Reason
from importer.shown import visible
from importer.version import __version__

if TYPE_CHECKING:
    from importer.planning.plan import Plan, PlannedRequest
    from importer.sending.journal import Journal
    from importer.sending.read_back import ReadBack
    from importer.sending.result import Result, Summary


class Teller(Protocol):
    """Is told what happens; several threads may call `event` at the same time."""

    def start(self, endpoint: str, project_id: str, journal: Journal) -> None:
        """Sending begins."""

    def event(self, name: str, event: str, evidence: str) -> None:
        """Something happened while a request was carried out."""

    def result(self, planned: PlannedRequest, result: Result) -> None:
        """A request has its result."""

    def read_back(self, planned: PlannedRequest, seen: ReadBack) -> None:
        """A connection was read back."""

    def end(self, summary: Summary, again: str) -> None:
        """The run is over."""

    def progress(self) -> contextlib.AbstractContextManager[Any]:
        """Show how many requests are done, while they are carried out."""


def teller_of(options: argparse.Namespace, plan: Plan) -> Teller:
    """The teller that the options ask for."""
    if options.output_format == "json":
        return JsonTeller(plan)
    return TextTeller(plan, quiet=options.quiet, verbose=options.verbose)


_LONG = {"settling": "looking whether it was created", "reading": "reading whether it was updated"}
"""Events that take long, and how they are told."""


class TextTeller:
    """A line for each request on standard output, the rest on standard error."""

    def __init__(self, plan: Plan, *, quiet: bool, verbose: bool) -> None:
        self._plan = plan
        self._quiet = quiet
        self._verbose = verbose
        self._journal: Journal | None = None
        self._steps = Steps(len(plan.requests), "submitting", quiet=quiet)

    def start(self, endpoint: str, project_id: str, journal: Journal) -> None:
        """Tell where requests are sent to, and where the journal is."""
        self._journal = journal
        if not self._quiet:
            count = plural(len(self._plan.requests), "request")
            say(
                visible(
                    said(
                        "submitting {count} to {endpoint}, project {project_id}; journal {path}",
                        count=count,
                        endpoint=endpoint,
                        project_id=project_id,
                        path=journal.path,
                    )
                )
            )

    def event(self, name: str, event: str, evidence: str) -> None:
        """Tell it with `-v`; an event that takes long is always told."""
        if (self._verbose or event in _LONG) and not self._quiet:
            text = _LONG.get(event, event)
            self._steps.say(f"{name}: {text}: {evidence}")

    def result(self, planned: PlannedRequest, result: Result) -> None:
        """Tell what became of the request, and how that is known."""
        self._steps.done()
        hosts = plural(planned.identity.count, "host")
        key = said(", id {connection_id}", connection_id=result.connection_id) if result.connection_id else ""
        told = visible("; ".join(filter(None, (result.evidence, result.pending, result.unsure))))
        with self._steps.paused():
            write_results([f"{result.state.value}: {planned.name}, {hosts}{key} ({told})\n"], None)

    def read_back(self, planned: PlannedRequest, seen: ReadBack) -> None:
        """Tell whether the connection is as planned."""
        if seen.problem or seen.unsure:
            text = visible(seen.problem or seen.unsure)
        else:
            pools = "".join(
                f", {one.name} {one.status}" for one in (seen.existing.peerings if seen.existing else ())
            )
            text = said(
                "{hosts} there, equal to the plan{pools}",
                hosts=plural(planned.identity.count, "host"),
                pools=visible(pools),
            )
        write_results([said("read back: {name}, {text}\n", name=planned.name, text=text)], None)

    def end(self, summary: Summary, again: str) -> None:
        """Tell the totals, and what to do about requests that did not end as planned."""
        for line in advice(summary, again):
            say(visible(line))
        if not self._quiet:
            say(totals(summary, colour=colour_wanted(sys.stderr)))

    def progress(self) -> contextlib.AbstractContextManager[Any]:
        """A bar over the requests, on a terminal."""
        return self._steps


class JsonTeller:
    """Writes each event as a JSON object on a line of its own; the first one has the version."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._lock = threading.Lock()
        self._failure: UsageError | None = None

    def _write(self, kind: str, **facts: Any) -> None:
        with self._lock:
            if self._failure is not None:
                raise self._failure
            write_results([json_text({"type": kind, **facts}) + "\n"], None)

    def start(self, endpoint: str, project_id: str, journal: Journal) -> None:
        """`start`: version, place, plan."""
        self._write(
            "start",
            schema_version=1,
            tool={"name": "dli-hosts", "version": __version__},
            endpoint=endpoint,
            project_id=project_id,
            journal=str(journal.path),
            plan=self._plan.digest,
            requests=len(self._plan.requests),
        )

    def event(self, name: str, event: str, evidence: str) -> None:
        """`event`: an attempt or a look-up.

        A worker has to go on where it cannot be written, and to keep in the journal what came back.
        """
        try:
            self._write("event", name=name, event=event, evidence=evidence)
        except UsageError as error:
            self._failure = error

    def result(self, planned: PlannedRequest, result: Result) -> None:
        """`result`: one for each request."""
        self._write(
            "result",
            name=planned.name,
            state=result.state.value,
            connection_id=result.connection_id or None,
            hosts=planned.identity.count,
            evidence=result.evidence,
            request_id=result.request_id or None,
            twins=list(result.twins),
            pending=result.pending or None,
            unsure=result.unsure or None,
        )

    def read_back(self, planned: PlannedRequest, seen: ReadBack) -> None:
        """`read-back`: what it looks like afterwards."""
        peerings = seen.existing.peerings if seen.existing else ()
        self._write(
            "read-back",
            name=planned.name,
            equal=seen.existing is not None and not seen.problem,
            problem=seen.problem or None,
            unsure=seen.unsure or None,
            pools=[{"name": one.name, "status": one.status, "err_msg": one.error} for one in peerings],
        )

    def end(self, summary: Summary, again: str) -> None:
        """`summary`: counts and the exit status."""
        self._write(
            "summary",
            counts=summary.counts(),
            not_begun=summary.not_sent,
            twins=len(summary.twins),
            unsure=len(summary.unsure),
            halted=None if summary.halted is None else summary.halted.reason.value,
            exit_status=summary.status(),
        )

    def progress(self) -> contextlib.AbstractContextManager[Any]:
        """Programs need no bar."""
        return contextlib.nullcontext()


_COLOURS = {"created": "32", "exists": "32", "unknown": "33"}
"""Of states that are told; all others are failures."""


def totals(summary: Summary, *, colour: bool = False) -> str:
    """How many requests ended in which state."""
    parts = [
        paint(f"{count:,} {state}", _COLOURS.get(state, "31"), colour=colour)
        for state, count in summary.counts().items()
    ]
    if summary.not_sent:
        parts.append(said("{not_sent:,} not sent", not_sent=summary.not_sent))
    if summary.twins:
        parts.append(said("{number:,} of them there more than once", number=len(summary.twins)))
    if summary.unsure:
        parts.append(said("{number:,} of them not known to be ready", number=len(summary.unsure)))
    return f"{plural(len(summary.results), 'request')}: {', '.join(parts) or 'nothing to do'}"


_TWICE = "(a call that is carried out after the settle window may create one twice; the next run tells):"


def advice(summary: Summary, again: str) -> Iterator[str]:
    """What did not end as planned, and what to do about it."""
    if summary.halted is not None:
        yield said("stopped early: {evidence}", evidence=visible(summary.halted.evidence))
    if summary.of(State.UNKNOWN):
        yield "unknown: what became of these is not known yet; run the command again, it looks them up first"
        if not all(result.connection_id for result in summary.of(State.UNKNOWN)):  # of updates it is known
            yield _TWICE
        yield f"  {again}"
    elif summary.halted is not None and summary.halted.reason is Reason.REFUSED:
        yield "check the credentials, their permissions, the region and the project id"
    elif summary.halted is not None and summary.halted.reason in (Reason.TLS, Reason.NO_API):
        yield "each call would fail in this way: correct that, the endpoint or the way to it, and run again"
    elif summary.not_sent:
        yield said("to go on, run the same command again: {again}", again=again)
    elif summary.unsure:
        yield said("created, but not known to be ready; to look again: {again}", again=again)
    for result in summary.twins:
        ids = " and ".join(filter(None, (result.connection_id, *result.twins)))
        yield said("{name} is there more than once: {ids}", name=result.name, ids=ids)
        yield said(
            "  keep one, delete the rest in the console, then run the same command again: {again}",
            again=again,
        )
    if gone := summary.of(State.GONE):
        names = " ".join(f"--recreate {result.name}" for result in gone)
        yield said("gone: to create again what no longer exists: {again} {names}", again=again, names=names)
    if any(not result.twins for result in summary.of(State.CONFLICT)):
        yield "conflict: choose another name, or delete or change the existing connection in the console"
    if summary.of(State.DEFECTIVE):
        yield "defective: correct in the console what is named, then run the same command again"
