"""A run that calls the service: account, network, retry policy, and a service for each worker."""

from __future__ import annotations

import argparse
import contextlib
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from importer.cli.console import say
from importer.errors import AgainLater
from importer.language import said
from importer.system import since_boot

if TYPE_CHECKING:
    from importer.calling.account import Account, Target
    from importer.calling.transport import Network
    from importer.sending.retry import Retry
    from importer.sending.service import Gate, Service


@dataclass(frozen=True)
class Session:
    """Where a run sends to, and the retry policy that its workers share."""

    account: Account
    network: Network
    retry: Retry
    gate: Gate
    deadline: float
    """Seconds that one call may take."""

    @contextlib.contextmanager
    def service(self) -> Iterator[Service]:
        """The service for one thread, with network connections of its own."""
        from importer.calling.transport import Transport
        from importer.sending.service import Service, base_url

        transport = Transport(self.network, deadline=self.deadline)
        base = base_url(self.account.endpoint, self.account.project_id)
        try:
            yield Service(partial(self.account.send, transport.send), base, self.retry, self.gate)
        finally:
            transport.close()


def make_retry(requests: int, rate: float = 0.0) -> Retry:
    """The retry policy of a run: at most 20 retries in a row, and one more for every ten requests.

    `rate`: calls a second, 0 for as many as come.
    """
    from importer.sending.retry import Clock, Retry

    ended = threading.Event()
    clock = Clock(time.time, time.monotonic, ended.wait, random.random, since_boot)
    return Retry(clock, budget=20 + requests / 10, wake=ended.set, rate=rate)


@contextlib.contextmanager
def open_session(
    options: argparse.Namespace, target: Target, requests: int, *, deadline: float | None = None
) -> Iterator[Session]:
    """A session with the target that the options name. Raises UsageError, CredentialsError."""
    from importer.calling.account import open_account
    from importer.calling.transport import DEADLINE, Transport
    from importer.cli.groups.account import network_of
    from importer.sending.patience import patient
    from importer.sending.retry import Halted
    from importer.sending.service import Gate

    for warning in () if options.quiet else target.warnings:
        say(f"warning: {warning}")
    network = network_of(options, target)
    seconds = deadline or DEADLINE
    retry = make_retry(requests, getattr(options, "rate", 0.0))
    transport = Transport(network, deadline=seconds)
    try:
        account = open_account(target, send=patient(transport.send, retry), now=lambda: datetime.now(UTC))
    except Halted as halted:
        raise AgainLater(
            said(
                "{iam_endpoint} cannot be asked: {evidence}",
                iam_endpoint=target.iam_endpoint,
                evidence=halted.evidence,
            ),
            hint="run the same command again later; --project-id and keys need no IAM",
        ) from None
    finally:
        transport.close()
    yield Session(account, network, retry, Gate(), seconds)


@contextlib.contextmanager
def sandbox_session(
    data: str | None, requests: int, *, deadline: float | None = None, rate: float = 0.0
) -> Iterator[Session]:
    """A local DLI on a free port, and a session with it. Raises UsageError where it cannot be started."""
    from importer.calling.account import account_of
    from importer.calling.credentials import Keys
    from importer.calling.transport import DEADLINE, Network
    from importer.sandbox.serve import start
    from importer.sending.service import Gate

    with start(data=data) as sandbox:
        keys = Keys(sandbox.access_key, sandbox.secret_key, "")
        account = account_of(keys, sandbox.endpoint, sandbox.project_id, lambda: datetime.now(UTC))
        yield Session(account, Network(), make_retry(requests, rate), Gate(), deadline or DEADLINE)
