"""A token that ends in mid-batch is replaced by one login for all; a wrong password is not tried again."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from submitting import live
from world import planned

from importer.calling.account import Account, Target, open_account
from importer.calling.calls import Answer, Call, Failure, Phase
from importer.calling.credentials import Password
from importer.calling.transport import Network, Transport
from importer.cli.session import Session, make_retry
from importer.sandbox.keys import REGION, USER
from importer.sandbox.serve import start
from importer.sending.history import read_journal
from importer.sending.journal import open_journal
from importer.sending.result import State
from importer.sending.retry import Retry
from importer.sending.service import Gate
from importer.sending.submit import Submission
from importer.sending.workers import carry_out_all

DLI, IAM = "https://dli.cn-north-4.myhuaweicloud.com", "https://iam.cn-north-4.myhuaweicloud.com"


class Cloud:
    """IAM and a service that takes the tokens it knows."""

    def __init__(self) -> None:
        self.logins = 0
        self.good: set[str] = set()
        self.status = 201
        """What IAM answers."""
        self.lost = False

    def send(self, call: Call) -> Answer | Failure:
        """Answer a call."""
        if not call.url.startswith(IAM):
            return Answer(200 if call.headers["X-Auth-Token"] in self.good else 401, {}, b"{}", True)
        self.logins += 1
        if self.lost:
            return Failure(Phase.AFTER, "the connection failed")
        token = f"token-{self.logins}"
        self.good.add(token)
        return Answer(self.status, {"X-Subject-Token": token}, b"{}", True)

    def account(self) -> Account:
        """An account by password."""
        target = Target(DLI, Password("user", "a password", "domain"), IAM, "cn-north-4", "p")
        return open_account(target, send=self.send, now=lambda: datetime.now(UTC))

    def ask(self, account: Account) -> int | Phase:
        """Status or phase of a call to the service."""
        result = account.send(self.send, Call("POST", DLI + "/x", {}, b"{}"))
        return result.status if isinstance(result, Answer) else result.phase


def test_one_login_for_all() -> None:
    """The call whose token ended was not carried out and may be made again; the others take the new token."""
    cloud = Cloud()
    account = cloud.account()
    for logins in (1, 2, 3):
        assert (cloud.ask(account), cloud.logins) == (200, logins)
        cloud.good.clear()
        found: list[int | Phase] = []
        together = threading.Barrier(4)

        def work(found: list[int | Phase] = found, together: threading.Barrier = together) -> None:
            together.wait(10)
            found.append(cloud.ask(account))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert cloud.logins == logins + 1
        assert Phase.ENDED in found
        assert set(found) <= {Phase.ENDED, 200}


def test_a_token_that_never_was_taken() -> None:
    """The service takes no token of this user: asking for more is of no use."""
    cloud = Cloud()
    account = cloud.account()
    cloud.good.clear()
    assert [cloud.ask(account) for _ in range(3)] == [401] * 3
    assert cloud.logins == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_password_that_was_changed(status: int) -> None:
    """IAM is asked once: a password that is tried again and again locks the user."""
    cloud = Cloud()
    account = cloud.account()
    assert cloud.ask(account) == 200
    cloud.good.clear()
    cloud.status = status
    assert [cloud.ask(account) for _ in range(3)] == [401] * 3
    assert cloud.logins == 2


@pytest.mark.parametrize("status", [429, 500, 503, 0])
def test_iam_that_is_out_of_order(status: int) -> None:
    """It is asked again with the next call."""
    cloud = Cloud()
    account = cloud.account()
    assert cloud.ask(account) == 200
    cloud.good.clear()
    cloud.status, cloud.lost = status, not status
    assert cloud.ask(account) is Phase.CONNECT
    cloud.status, cloud.lost = 201, False
    assert [cloud.ask(account), cloud.ask(account)] == [Phase.ENDED, 200]


@pytest.mark.parametrize("workers", [1, 4])
def test_in_mid_batch(workers: int, tmp_path: Path) -> None:
    """All connections are created, each once; the sandbox ends tokens while they are."""
    requests = [planned(f"c{n}", 0) for n in range(6)]
    retry = Retry(make_retry(6).clock._replace(random=lambda: 0.0))
    with contextlib.ExitStack() as stack:
        faults = ["token-ends:name=c3,times=1", "token-ends:op=list,name=c5,times=1"]
        sandbox = stack.enter_context(start(faults=faults))
        password = Password(USER, sandbox.password, USER)
        target = Target(sandbox.endpoint, password, sandbox.endpoint, REGION)
        first = stack.enter_context(contextlib.closing(Transport()))
        account = open_account(target, send=first.send, now=lambda: datetime.now(UTC))
        session = Session(account, Network(), retry, Gate(), 20)
        head = {"endpoint": account.endpoint, "project_id": account.project_id}
        journal = stack.enter_context(open_journal(tmp_path / "j", **head, now=time.time))

        @contextlib.contextmanager
        def submission() -> Iterator[Submission]:
            with session.service() as service:
                yield Submission(service, journal, retry, "digest", 20, 0.3)

        found = dict(carry_out_all(requests, submission, retry, workers=workers))
        assert {result.state for result in found.values()} == {State.CREATED}
        assert sorted(live(sandbox)) == [(f"c{n}", 2) for n in range(6)]
        kinds = [record["type"] for record in read_journal(tmp_path / "j").entries["c3"].records]
        assert kinds == ["intent", "not-sent", "intent", "created"]
        assert sum(arrival["path"] == "/v3/auth/tokens" for arrival in sandbox.log()) == 3
        assert sandbox.password not in (tmp_path / "j").read_text()
