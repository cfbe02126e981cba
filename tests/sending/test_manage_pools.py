"""`--manage-pools`: pools become those that are asked for; what cannot be done is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from inside import inside
from serving import Client

from importer.sandbox.serve import Running, start

HOSTS = [{"ip": "10.20.0.11", "name": "kafka01"}, {"ip": "10.20.0.12", "name": "kafka02"}]
CONNECTION = ("good.hosts", "--name", "mrs", "--vpc", "V", "--subnet", "S", "--pool", "new", "--pool", "kept")
UPDATE = ("--update", "--manage-pools")


@pytest.fixture
def sandbox() -> Iterator[Running]:
    """A local DLI with one connection to the pools `old` and `kept`, ACTIVE at once."""
    with start(seed=1, peering_seconds=0) as running:
        Client(running).create(
            name="mrs",
            dest_vpc_id="V",
            dest_network_id="S",
            elastic_resource_pools=["old", "kept"],
            hosts=HOSTS,
        )
        yield running


def pools(sandbox: Running) -> list[str]:
    """The pools that the connection is bound to."""
    (one,) = sandbox.store.connections()
    return sorted(peer.name for peer in sandbox.store.peerings(one.id))


def test_pools_become_those_that_are_asked_for(sandbox: Running, folder: Path) -> None:
    """The plan names them, they are bound and unbound; without the option it is a conflict."""
    plan = ("plan", *CONNECTION, "--online", "-q")
    told = inside(sandbox, folder, *plan, "--update")
    assert told.out == (
        "conflict: mrs, 2 hosts from good.hosts (pools: kept, new asked for, kept, old there)\n"
    )
    told = inside(sandbox, folder, *plan, *UPDATE, "-o", "a.plan")
    assert told.out == "update: mrs, 2 hosts from good.hosts (binds new, unbinds old)\n"
    done = inside(sandbox, folder, "submit", "a.plan", "--wait", "--settle", "0.3")
    assert (done.status, pools(sandbox)) == (0, ["kept", "new"])
    assert done.out.startswith("updated: mrs, 2 hosts, id ")
    assert "(binds new, unbinds old; exists and is equal" in done.out
    assert done.out.endswith("equal to the plan, kept ACTIVE, new ACTIVE\n")
    assert inside(sandbox, folder, *plan, *UPDATE, "--detailed-exitcode").status == 0
    row = json.loads((folder / "a.plan").read_text("utf-8").splitlines()[1])
    assert row["update"]["pools"] is True


def test_hosts_and_pools(sandbox: Running, folder: Path) -> None:
    """Hosts first, then pools; one that fails is told with its reason."""
    sandbox.faults(["peering-failed:name=new"])
    (folder / "good.hosts").write_text("10.20.0.11 kafka01\n10.20.0.13 kafka03\n", encoding="utf-8")
    done = inside(sandbox, folder, "submit", *CONNECTION, *UPDATE, "--settle", "0.3", "-q")
    assert (done.status, done.out.partition(":")[0], pools(sandbox)) == (4, "defective", ["kept", "new"])
    assert "new FAILED: Failed to create the VPC peering connection" in done.out
    stuck = ("good.hosts", *CONNECTION[1:-4], "--pool", "kept")
    refused = inside(sandbox, folder, "submit", *stuck, *UPDATE, "--settle", "0.3", "-q")
    assert (refused.status, refused.out.partition(":")[0]) == (4, "rejected")
    assert "new: HTTP 400 DLI.0009" in refused.out


@pytest.mark.parametrize("rule", ["commit-reset", "reset-after", "error-500"])
def test_a_call_that_nobody_can_tell(sandbox: Running, folder: Path, rule: str) -> None:
    """It is read until the pools are there; else the status is 5, and the next run does the rest."""
    sandbox.faults([f"{rule}:op=update,times=1"])
    done = inside(sandbox, folder, "submit", *CONNECTION, *UPDATE, "--settle", "0.3", "-q")
    sure = rule == "commit-reset"
    assert (done.status, pools(sandbox)) == ((0, ["kept", "new"]) if sure else (5, ["kept"]))
    again = inside(sandbox, folder, "submit", *CONNECTION, *UPDATE, "--settle", "0.3", "-q")
    assert (again.status, pools(sandbox)) == (0, ["kept", "new"])


def test_without_a_pool_all_stay(sandbox: Running, folder: Path) -> None:
    """Where no pool is asked for, none is unbound."""
    told = inside(sandbox, folder, "plan", *CONNECTION[:-4], "--online", "-q", *UPDATE)
    assert told.out == "unchanged: mrs, 2 hosts from good.hosts\n"
