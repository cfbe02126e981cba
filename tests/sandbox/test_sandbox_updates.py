"""PUT: what it changes, what it refuses, and the faults that befall updates."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from serving import Client, hosts, sandbox

ELSE = {"ip": "192.0.2.1", "name": "else-1"}
OLD, NEW = hosts(2), [{"ip": f"10.9.9.{n}", "name": f"new-{n}"} for n in range(4)]


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    """One sandbox for all tests here."""
    with sandbox(peering_seconds=0) as client:
        yield client


@pytest.fixture
def key(shared: Client) -> str:
    """A connection with two hosts, and no rules."""
    shared.running.faults([])
    return shared.create()


def update(client: Client, key: str, body: Any) -> int:
    """The status of an update call."""
    return client.call("PUT", f"{client.base}/{key}", body).status


def there(client: Client, key: str) -> list[dict[str, str]]:
    """The hosts that the store really holds."""
    return [{"ip": ip, "name": name} for ip, name in client.running.store.hosts(key)]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"hosts": None},
        {"hosts": {}},
        {"hosts": hosts(1), "name": "mrs"},
        {"hosts": [{"ip": "10.0.0.1"}]},
        {"hosts": [{"ip": "10.0.0.1", "name": "3com"}]},
        {"hosts": [{"ip": "10.0.0.256", "name": "a"}]},
        {"hosts": hosts(1) * 20_001},
        b"{",
    ],
)
def test_refused(shared: Client, key: str, body: Any) -> None:
    """What the page does not allow is DLI.0001, and changes nothing."""
    reply = shared.call("PUT", f"{shared.base}/{key}", body)
    assert (reply.status, reply.code, there(shared, key)) == (400, "DLI.0001", OLD)


def test_what_is_not_there(shared: Client, key: str) -> None:
    """A connection that is deleted, or never was, is DLI.0023."""
    shared.running.store.delete(key)
    for name in (key, "none"):
        reply = shared.call("PUT", f"{shared.base}/{name}", {"hosts": NEW})
        assert (reply.status, reply.code) == (404, "DLI.0023")


@pytest.mark.parametrize(
    ("rule", "status", "after"),
    [
        ("error-500", 500, OLD),
        ("server-error", 400, OLD),
        ("throttle", 429, OLD),
        ("false-success", 200, OLD),
        ("empty-success", 200, OLD),
        ("commit-500", 500, NEW),
        ("commit-server-error", 400, NEW),
        ("commit-false", 200, NEW),
        ("commit-garbage", 200, NEW),
        ("half", 500, NEW[:2]),
        ("edited", 200, NEW),
        ("edited-after", 200, [*NEW, ELSE]),
    ],
)
def test_faults(shared: Client, key: str, rule: str, status: int, after: Any) -> None:
    """How an update that meets a fault is answered, and what the connection holds then."""
    shared.running.faults([f"{rule}:op=update"])
    assert update(shared, key, {"hosts": NEW}) == status
    assert there(shared, key) == after


def test_late(shared: Client, key: str) -> None:
    """An update that is answered at once as failed and carried out later."""
    shared.running.faults(["late-commit:op=update,seconds=0.05"])
    assert update(shared, key, {"hosts": NEW}) == 504
    end = time.monotonic() + 20
    while there(shared, key) != NEW:
        assert time.monotonic() < end
        threading.Event().wait(0.01)


@pytest.mark.parametrize(("rule", "seen"), [("edited", [*OLD, ELSE]), ("edited-after", OLD)])
def test_edits_by_somebody_else(shared: Client, key: str, rule: str, seen: Any) -> None:
    """Somebody else adds a host just before a read is answered, or just after."""
    shared.running.faults([f"{rule}:op=show,times=1"])
    assert shared.show(key)["hosts"] == seen
    assert there(shared, key) == [*OLD, ELSE]
    assert shared.show(key)["hosts"] == [*OLD, ELSE]
