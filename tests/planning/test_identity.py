"""When two connections are the same, and what of an answer is understood."""

from __future__ import annotations

from typing import Any

import pytest

from importer.planning.identity import (
    Identity,
    NotUnderstood,
    existing_of,
    hosts_apart,
    identity_of_body,
    is_id,
    is_identity,
)

BODY: dict[str, Any] = {
    "name": "mrs",
    "dest_vpc_id": "v",
    "dest_network_id": "s",
    "elastic_resource_pools": ["p"],
    "hosts": [{"ip": "10.0.0.1", "name": "a"}],
}


@pytest.mark.parametrize(
    ("changes", "differences"),
    [
        ({}, ()),
        ({"dest_vpc_id": "w"}, ("VPC",)),
        ({"dest_network_id": "t"}, ("subnet",)),
        ({"elastic_resource_pools": ["p", "q"]}, ("pools",)),
        ({"elastic_resource_pools": None}, ("pools",)),
        ({"queues": ["q"]}, ("queues",)),
        ({"hosts": None}, ("hosts (1 asked for, 0 there)",)),
        ({"hosts": [{"ip": "10.0.0.1", "name": "A"}]}, ("hosts (1 asked for, 1 there)",)),
        ({"hosts": BODY["hosts"] * 2}, ()),
        ({"dest_vpc_id": "w", "queues": ["q"]}, ("VPC", "queues")),
    ],
)
def test_differences(changes: dict[str, Any], differences: tuple[str, ...]) -> None:
    """Each field that can be read back is compared, hosts as a set with the letter case of names."""
    assert identity_of_body(BODY).differences(identity_of_body(BODY | changes)) == differences


def test_pools_of_queues() -> None:
    """Where queues were asked for, further pools are those of the queues, and a queue need not be listed."""
    wanted = identity_of_body(BODY | {"queues": ["q"]})
    assert wanted.differences(identity_of_body(BODY | {"elastic_resource_pools": ["p", "of_q"]})) == ()
    assert wanted.differences(identity_of_body(BODY | {"elastic_resource_pools": ["of_q"]})) == ("pools",)


def test_records() -> None:
    """An identity comes back from its record, and another record is not taken for one."""
    record = identity_of_body(BODY).as_record()
    record = {key: list(value) if isinstance(value, tuple) else value for key, value in record.items()}
    assert is_identity(record)
    assert Identity.of_record(record) == identity_of_body(BODY)
    for change in ({"vpc": 1}, {"count": "1"}, {"pools": "p"}, {"queues": [1]}, {"hosts": None}):
        assert not is_identity(record | change)
    assert not is_identity([])


@pytest.mark.parametrize(
    ("value", "good"),
    [("a-b_1", True), ("", False), ("-", False), ("a/b", False), ("é", False), (1, False), ("x" * 65, False)],
)
def test_ids(value: Any, good: bool) -> None:
    """An id can stand in a URL as it is."""
    assert is_id(value) is good


ITEM: dict[str, Any] = {
    "name": "mrs",
    "id": "id-1",
    "status": "ACTIVE",
    "dest_vpc_id": "v",
    "dest_network_id": "s",
    "elastic_resource_pools": [
        {"name": "p", "status": "failed", "err_msg": "why"},
        {"name": "q", "status": "CREATING"},
        {"name": "r"},
    ],
    "hosts": [{"ip": "10.0.0.1", "name": "a"}],
}


def test_existing() -> None:
    """What a connection is, which of its pools FAILED and which are under way."""
    existing = existing_of(ITEM)
    assert existing is not None
    assert (existing.id, existing.name, existing.hosts) == ("id-1", "mrs", ("10.0.0.1 a",))
    assert existing.failed == "p FAILED: why"
    assert existing.pending == "q is still CREATING; r is still without a status"
    assert existing_of(ITEM | {"status": "deleted"}) is None


@pytest.mark.parametrize(
    "item",
    [
        None,
        {},
        ITEM | {"name": 1},
        ITEM | {"id": "a/b"},
        ITEM | {"elastic_resource_pools": [{}]},
        ITEM | {"hosts": [{"ip": "10.0.0.1"}]},
        ITEM | {"hosts": 5},
    ],
)
def test_what_is_not_understood(item: Any) -> None:
    """An answer of another form is a NotUnderstood, and nothing else."""
    with pytest.raises(NotUnderstood):
        existing_of(item)


def test_hosts_apart() -> None:
    """The first three hosts of each side are named, long and odd ones made safe to show."""
    assert hosts_apart(["a", "b"], ["b", "a"]) == ""
    assert hosts_apart(list("abcde"), ["a"]) == "missing there: b, c, d and 1 more"
    assert hosts_apart(["a"], ["a", "x\x1b", "y" * 90]) == f"extra there: x\\x1b, {'y' * 80}..."
