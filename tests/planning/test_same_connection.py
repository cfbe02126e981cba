"""When an existing connection is the requested one: what can be read back counts, and nothing else."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.planning.identity import Identity, identity_of_body

BODY: dict[str, Any] = {
    "name": "mrs",
    "dest_vpc_id": "V",
    "dest_network_id": "S",
    "elastic_resource_pools": ["p", "q"],
    "hosts": [{"ip": "10.0.0.1", "name": "a"}, {"ip": "10.0.0.2", "name": "b"}],
    "tags": [{"key": "k", "value": "v"}],
    "routetable_id": "R",
}
CHANGES: dict[str, dict[str, Any]] = {
    "VPC": {"dest_vpc_id": "W"},
    "subnet": {"dest_network_id": "T"},
    "pools": {"elastic_resource_pools": ["p"]},
    "queues": {"queues": ["u"]},
    "hosts": {"hosts": [{"ip": "10.0.0.1", "name": "A"}, {"ip": "10.0.0.2", "name": "b"}]},
}
"""What makes another connection of it, by the word that says so."""


def identity(**changes: Any) -> Identity:
    """The identity of the body with other fields."""
    return identity_of_body(copy.deepcopy(BODY) | changes)


@pytest.mark.parametrize("wanted", [[name] for name in CHANGES] + [list(CHANGES)], ids="+".join)
def test_every_difference_is_told(wanted: list[str]) -> None:
    """Each field that differs is named, in one order, and no other one."""
    changes = {key: value for name in wanted for key, value in CHANGES[name].items()}
    found = identity().differences(identity(**changes))
    assert [text.split(" ")[0] for text in found] == wanted


@pytest.mark.parametrize(
    "changes",
    [
        {"tags": []},
        {"routetable_id": "other"},
        {"name": "other"},
        {"elastic_resource_pools": ["q", "p", "q"]},
        {"hosts": [*reversed(BODY["hosts"]), BODY["hosts"][0]]},
    ],
    ids=["tags", "route table", "name", "order of pools", "order of hosts"],
)
def test_what_makes_no_difference(changes: dict[str, Any]) -> None:
    """Neither what cannot be read back, nor an order, nor a repeat."""
    assert identity(**changes) == identity()
    assert identity().differences(identity(**changes)) == ()


NAMES = st.lists(st.sampled_from("abc"), max_size=3)


@examples()
@given(NAMES, NAMES, NAMES, NAMES)
def test_pools_and_queues(pools: list[str], queues: list[str], there: list[str], listed: list[str]) -> None:
    """Where queues are requested, further pools do not differ, and neither do queues that are not listed."""
    wanted = identity(elastic_resource_pools=pools, queues=queues)
    existing = identity(elastic_resource_pools=there, queues=listed)
    enough = set(pools) <= set(there) if queues else set(pools) == set(there)
    right = [] if enough else ["pools"]
    right += [] if set(listed) <= set(queues) else ["queues"]
    assert [text.split(" ")[0] for text in wanted.differences(existing)] == right


def test_it_is_kept_in_a_journal() -> None:
    """What is kept of an identity in a journal gives it back."""
    assert Identity.of_record(json.loads(json.dumps(identity().as_record()))) == identity()
