"""`submit`: plan and send; each connection is created exactly once, whatever breaks on the way."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from importer.cli.console import say
from importer.cli.foreseeing import look_up, options_of_rollback, refused, wishes, with_wishes
from importer.cli.groups import Group, add_talk, amount, file_name, given, positive, seconds
from importer.cli.groups.account import add_account, target_of
from importer.cli.groups.updating import add_updating
from importer.cli.planning import NotPlanned, add_planning, make_plan
from importer.cli.stopping import two_stages
from importer.errors import UsageError
from importer.language import said
from importer.shown import visible
from importer.statuses import FINDINGS, INTERRUPTED, TERMINATED
from importer.system import was_read

if TYPE_CHECKING:
    from importer.calling.account import Target
    from importer.cli.session import Session
    from importer.cli.telling import Teller
    from importer.planning.plan import Plan
    from importer.sending.journal import Journal
    from importer.sending.result import Result, Summary
    from importer.sending.submit import Submission


def add_options(verb: argparse.ArgumentParser) -> None:
    """The options of `submit`."""
    verb.epilog = "example: dli-hosts submit /etc/hosts --name mrs --vpc ID --subnet ID --region cn-north-4"
    Group("own", verb).add(
        "--output-format",
        choices=("text", "json"),
        default="text",
        help="json: one event on each line, as it happens",
    )
    add_sending(verb)
    add_planning(verb)
    add_updating(verb)
    add_account(verb)
    add_talk(verb)


def add_sending(verb: argparse.ArgumentParser, *, creating: bool = True) -> None:
    """Add how requests are sent, and where the journal is; `creating`: some may be new connections."""
    place = verb.add_argument_group("sending")
    group = Group("sending", place)
    group.add("--workers", metavar="N", type=positive, default=4, help="requests under way at a time (4)")
    group.add(
        "--settle",
        metavar="SECONDS",
        type=seconds,
        default=90.0,
        help="how long to look for what a call made whose answer was lost (90)",
    )
    group.add(
        "--timeout",
        metavar="SECONDS",
        type=seconds,
        default=120.0,
        help="longest that one call may take (120)",
    )
    group.add(
        "--rate",
        metavar="N",
        type=amount,
        default=0.0,
        help="calls a second, at most, if your quota is known (default: slower when throttled)",
    )
    group.add("--verify", action="store_true", help="read each connection back and compare")
    group.add("--wait", action="store_true", help="wait until all pools are ACTIVE or FAILED")
    group.add(
        "--wait-timeout",
        metavar="SECONDS",
        type=seconds,
        default=900.0,
        help="longest time that --wait waits (900)",
    )
    if creating:
        group.repeatable(
            "--recreate",
            metavar="NAME",
            help="create this connection again if it was created and no longer exists (repeatable)",
        )
    else:
        verb.set_defaults(recreate=[])
    Group("journal", place).add(
        "--journal",
        reads=True,
        metavar="FILE",
        type=file_name,
        help="file that records what was sent (default: one for each endpoint and project)",
    )
    group.add(
        "--lock-timeout",
        metavar="SECONDS",
        type=seconds,
        default=0.0,
        help="how long to wait while another run uses the journal (0)",
    )
    group.add(
        "--sandbox", action="store_true", help="send to a local DLI that this run starts; needs no account"
    )
    group.add(
        "--data",
        metavar="FILE",
        type=file_name,
        help="file that keeps the data of the sandbox; the journal is kept beside it",
    )


def run(options: argparse.Namespace) -> int:
    """Check, plan, send, and say what became of each request."""
    gc.enable()  # this verb may run for a long time, unlike others
    target = target_or_sandbox(options)
    plan = make_plan(options)
    if isinstance(plan, NotPlanned):
        return plan.status
    return send_plan(with_wishes(plan, options), options, target)


def send_plan(
    plan: Plan,
    options: argparse.Namespace,
    target: Target | None,
    check: Callable[[str, str], None] = lambda endpoint, project_id: None,
) -> int:
    """Send a plan, and say what became of each request; the exit status. Raises ImporterError.

    `check` is told where it is sent to, before anything is.
    """
    if not options.timeout:
        raise UsageError("--timeout 0: a call needs more time than that", hint="leave it out")
    if sys.stdout is None:
        raise UsageError("standard output is closed", hint="what becomes of each request is told there")
    for option, name in (("--journal", options.journal), ("--data", options.data)):
        if name and was_read(name) and not os.path.getsize(name):  # all others are refused for what they are
            raise UsageError(
                said("{option} {name}: is one of the inputs", option=option, name=name),
                hint="name another file",
            )
    strange = set(options.recreate) - {request.name for request in plan.requests}
    if strange:
        raise UsageError(
            said("--recreate {strange}: no such connection is planned", strange=min(strange)),
            hint="check the name",
        )
    with _session(options, target, len(plan.requests)) as session, _journal(options, session) as journal:
        from importer.cli.telling import teller_of
        from importer.sending.backup import SANDBOX

        check(SANDBOX if options.sandbox else session.account.endpoint, session.account.project_id)
        if any(wishes(plan.requests)):
            foreseen = look_up(plan, session, journal, options)
            if refused(foreseen):
                return FINDINGS
            plan = replace(plan, requests=tuple(one.request for one in foreseen), known_digest="", file=None)
        teller = teller_of(options, plan)
        journal.note_run(_command(), _folder())
        try:
            teller.start(session.account.endpoint, session.account.project_id, journal)
            with two_stages(session.retry) as received:
                summary = _send(plan, session, journal, options, teller)
            journal.note_end(summary.not_sent)
            teller.end(summary, again=_command())
        except UsageError as error:  # standard output cannot be written
            hint = "check where it goes; the journal knows what was sent, and dli-hosts status shows it"
            if options.sandbox:
                kept = (
                    said("{path} knows what was sent", path=journal.path)
                    if options.data
                    else "nothing of its sandbox is left"
                )
                hint = said("check where it goes; {kept}", kept=visible(kept))
            raise UsageError(error.message, hint=hint) from None
        if received:
            return INTERRUPTED if received[0] == signal.SIGINT else TERMINATED
        return summary.status()


def target_or_sandbox(options: argparse.Namespace) -> Target | None:
    """Where to send; None is the sandbox of this run. A mistake there is told before lists are read."""
    if options.sandbox:
        for option in given(options, "account", "journal"):
            raise UsageError(
                said("--sandbox and {option} contradict each other", option=option),
                hint="the sandbox of a run has its own endpoint, keys and journal",
            )
        return None
    if options.data:
        raise UsageError("--data is where a sandbox keeps what it holds", hint="say --sandbox too")
    return target_of(options)


@contextlib.contextmanager
def _session(options: argparse.Namespace, target: Target | None, requests: int) -> Iterator[Session]:
    from importer.cli.session import open_session, sandbox_session

    if target is not None:
        with open_session(options, target, requests, deadline=options.timeout) as session:
            yield session
        return
    with sandbox_session(options.data, requests, deadline=options.timeout, rate=options.rate) as session:
        say(said("sandbox: a local DLI at {endpoint}, for this run only", endpoint=session.account.endpoint))
        yield session


@contextlib.contextmanager
def _journal(options: argparse.Namespace, session: Session) -> Iterator[Journal]:
    """The journal of the endpoint and project; that of a sandbox is kept and removed with its data."""
    import tempfile

    from importer.sending.backup import SANDBOX
    from importer.sending.journal import journal_path, open_journal

    account, clock = session.account, session.retry.clock
    endpoint, patience = account.endpoint, options.lock_timeout
    with contextlib.ExitStack() as stack:
        if options.sandbox:
            endpoint = SANDBOX  # its port differs from run to run
            folder = None if options.data else stack.enter_context(tempfile.TemporaryDirectory())
            path = Path(folder, "journal") if folder else Path(options.data + ".journal")
        elif options.journal:
            path = Path(options.journal)
        else:
            path = journal_path(endpoint, account.project_id)
        journal = stack.enter_context(
            open_journal(
                path,
                endpoint=endpoint,
                project_id=account.project_id,
                now=clock.now,
                boot=clock.boot,
                patience=patience,
            )
        )
        if journal.healed:
            say(visible(said("journal {path}: {healed}", path=path, healed=journal.healed)))
        yield journal


def _send(
    plan: Plan, session: Session, journal: Journal, options: argparse.Namespace, teller: Teller
) -> Summary:
    """Carry out the plan, read back what was created if that is wanted, and sum up."""
    from importer.sending.backup import SANDBOX, Backups, backups_of
    from importer.sending.result import Summary
    from importer.sending.submit import Submission
    from importer.sending.workers import carry_out_all

    backups = Backups(
        backups_of(journal.path),
        SANDBOX if options.sandbox else session.account.endpoint,
        session.account.project_id,
        plan.digest,
        options_of_rollback(options),
    )

    @contextlib.contextmanager
    def submission() -> Iterator[Submission]:
        with session.service() as service:
            yield Submission(
                service=service,
                journal=journal,
                retry=session.retry,
                plan_digest=plan.digest,
                deadline=session.deadline,
                settle=options.settle,
                recreate=frozenset(options.recreate),
                backup=backups.keep,
                tell=teller.event,
            )

    found: dict[int, Result] = {}
    # What is not done yet goes first: a quota that is soon used up is not spent on what is there.
    order = sorted(range(len(plan.requests)), key=lambda n: journal.entry(plan.requests[n].name).is_done)
    ends = carry_out_all(
        [plan.requests[number] for number in order], submission, session.retry, workers=options.workers
    )
    with teller.progress(), contextlib.closing(ends):
        for place, result in ends:
            number = order[place]
            found[number] = result
            teller.result(plan.requests[number], result)
    results = [found[number] for number in range(len(plan.requests))]
    if options.wait or options.verify or options.sandbox:
        results = list(_look_back(plan, session, journal, options, results, teller))
    return Summary(tuple(results), session.retry.halted)


def _look_back(
    plan: Plan,
    session: Session,
    journal: Journal,
    options: argparse.Namespace,
    results: list[Result],
    teller: Teller,
) -> Iterator[Result]:
    """Read back what was made, with `--wait` until its pools are connected; the results by what is seen."""
    from importer.sending.looking import window_of
    from importer.sending.read_back import keep, read_back, result_of, wait_for_pools, with_twins
    from importer.sending.result import THERE

    clock = session.retry.clock
    end = clock.monotonic() + options.wait_timeout
    with session.service() as service:
        for planned, result in zip(plan.requests, results, strict=True):
            if result.state not in THERE:
                yield result
                continue
            entry = journal.entry(planned.name)
            window = window_of(entry, clock, options.settle)
            if options.wait:
                seen = wait_for_pools(service, planned, result.connection_id, session.retry, window, end=end)
            else:
                seen = read_back(service, planned, result.connection_id, window)
            teller.read_back(planned, seen)
            found = result_of(result, seen)
            if options.verify and not found.twins:
                found = with_twins(planned, found, service.find)
            keep(journal, found)
            yield found


def _command() -> str:
    """The command as it was given, to be run again."""
    return shlex.join(["dli-hosts", *sys.argv[1:]])


def _folder() -> str:
    """The folder that the command was given in; empty if it was removed."""
    try:
        return os.getcwd()
    except OSError:
        return ""
