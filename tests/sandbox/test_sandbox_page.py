"""The sandbox's strict reading of the create page, and that it agrees with the client's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from pydantic import ValidationError
from serving import hosts, wanted

from importer.planning.request import CreateRequest
from importer.sandbox import page
from importer.sandbox.answers import Refusal

HOST = {"ip": "10.0.0.1", "name": "kafka01"}
MANY_TAGS = [{"key": f"k{i}", "value": ""} for i in range(21)]


def read(body: Any) -> page.Create:
    """A body read as the service does."""
    return page.read_create(json.dumps(body).encode())


def test_all_fields() -> None:
    """Every field of the page is read."""
    body = wanted(
        elastic_resource_pools=["pool"], queues=["q"], routetable_id="rt", tags=[{"key": "k", "value": ""}]
    )
    create = read(body)
    assert create.hosts == body["hosts"]
    assert create[:6] == ("mrs", "vpc-1", "net-1", ("pool",), ("q",), "rt")
    assert create.tags == (("k", ""),)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"name": None}, "name: is mandatory"),
        ({"dest_vpc_id": None}, "dest_vpc_id: is mandatory"),
        ({"dest_network_id": None}, "dest_network_id: is mandatory"),
        ({"name": ""}, "name"),
        ({"name": "a-b"}, "name"),
        ({"name": "a\n"}, "name"),
        ({"name": "é"}, "name"),
        ({"name": "a" * 65}, "name"),
        ({"name": 1}, "name"),
        ({"dest_vpc_id": ""}, "dest_vpc_id"),
        ({"dest_vpc_id": "\ud800"}, "dest_vpc_id"),
        ({"dest_network_id": ["n"]}, "dest_network_id"),
        ({"routetable_id": ""}, "routetable_id"),
        ({"routetable_id": 7}, "routetable_id"),
        ({"host": []}, "'host'"),
        ({"Name": "a"}, "'Name'"),
        ({"elastic_resource_pools": "pool"}, "elastic_resource_pools"),
        ({"elastic_resource_pools": [""]}, "elastic_resource_pools[0]"),
        ({"elastic_resource_pools": ["a", "a"]}, "elastic_resource_pools"),
        ({"queues": [1]}, "queues[0]"),
        ({"queues": ["a", "default"]}, "queues"),
        ({"hosts": {}}, "hosts"),
        ({"hosts": hosts(20_001)}, "20,001"),
        ({"hosts": [HOST, "x"]}, "hosts[1]: must be an object"),
        ({"hosts": [HOST, ["a", "b"]]}, "hosts[1]: must be an object"),
        ({"hosts": [HOST, 7]}, "hosts[1]: must be an object"),
        ({"hosts": [{"ip": "10.0.0.1"}]}, "hosts[0].name: is missing"),
        ({"hosts": [{"name": "a", "port": 1}]}, "hosts[0].ip: is missing"),
        ({"hosts": [HOST | {"port": 1}]}, "hosts[0]: has a parameter"),
        ({"hosts": [HOST | {"name": "3com"}]}, "hosts[0].name"),
        ({"hosts": [HOST | {"name": "a" * 129}]}, "hosts[0].name"),
        ({"hosts": [HOST | {"name": "a\n"}]}, "hosts[0].name"),
        ({"hosts": [HOST | {"name": None}]}, "hosts[0].name"),
        ({"hosts": [HOST | {"ip": "10.0.0.01"}]}, "hosts[0].ip"),
        ({"hosts": [HOST | {"ip": "10.0.0.256"}]}, "hosts[0].ip"),
        ({"hosts": [HOST | {"ip": "١.1.1.1"}]}, "hosts[0].ip"),
        ({"hosts": [HOST | {"ip": "::1"}]}, "hosts[0].ip"),
        ({"hosts": [HOST | {"ip": 1}]}, "hosts[0].ip"),
        ({"tags": {}}, "tags"),
        ({"tags": MANY_TAGS}, "tags"),
        ({"tags": [{"key": "k"}]}, "tags[0]"),
        ({"tags": [{"key": "k", "value": "v", "x": ""}]}, "tags[0]"),
        ({"tags": [{"key": "", "value": "v"}]}, "tags[0].key"),
        ({"tags": [{"key": "k" * 129, "value": "v"}]}, "tags[0].key"),
        ({"tags": [{"key": "k", "value": "v" * 256}]}, "tags[0].value"),
        ({"tags": [{"key": " k", "value": "v"}]}, "tags[0].key"),
        ({"tags": [{"key": "k", "value": "v "}]}, "tags[0].value"),
        ({"tags": [{"key": "_sys_k", "value": "v"}]}, "tags[0].key"),
        ({"tags": [{"key": "k*", "value": "v"}]}, "tags[0].key"),
        ({"tags": [{"key": "k", "value": None}]}, "tags[0].value"),
        ({"tags": MANY_TAGS[:1] * 2}, "tags: a key stands twice"),
    ],
)
def test_refused_fields(fields: dict[str, Any], word: str) -> None:
    """Whatever the page does not allow is refused with DLI.0001, and the message names the place."""
    body = wanted() | fields
    body = {key: value for key, value in body.items() if value is not None}
    with pytest.raises(Refusal) as caught:
        read(body)
    assert caught.value.code == "DLI.0001"
    assert caught.value.message.startswith(word) or word in caught.value.message


@pytest.mark.parametrize("field", ["routetable_id", "hosts", "tags", "queues", "elastic_resource_pools"])
def test_null_is_no_value(field: str) -> None:
    """An optional field is left out, not null."""
    with pytest.raises(Refusal, match=field):
        read(wanted() | {field: None})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"mrs"',
        b"{",
        b"{} {}",
        b'{"name": "a", "name": "a"}',
        b'{"name": NaN}',
        b'{"name": -Infinity}',
        b'{"name": "\xff"}',
        b"\xef\xbb\xbf{}",
        '{"name": "a"}'.encode("utf-16"),
        b'{"name": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_refused_texts(body: bytes) -> None:
    """What is no JSON object, or only nearly one, is refused with DLI.0001."""
    for reader in (page.read_create, page.read_update, page.read_names):
        with pytest.raises(Refusal) as caught:
            reader(body)
        assert caught.value.code == "DLI.0001"


def test_update_and_names() -> None:
    """An update holds hosts and nothing else; binding needs a pool or a queue."""
    assert page.read_update(b'{"hosts": []}') == []
    assert page.read_names(b'{"queues": ["q"]}') == ((), ("q",))
    for body in (b"{}", b'{"hosts": [], "name": "a"}'):
        with pytest.raises(Refusal):
            page.read_update(body)
    for body in (b"{}", b'{"queues": []}', b'{"hosts": []}'):
        with pytest.raises(Refusal):
            page.read_names(body)


NEAR = st.sampled_from("aZ09_-.: =+@é中١²\n\x00٪½ǅ*")
"""Characters on both sides of the borders."""
NAMES = st.one_of(
    st.sampled_from(["a", "kafka01", "3com", "a" * 64, "a" * 65, "a" * 128, "a" * 129, ""]),
    st.text(NEAR, max_size=6),
)
OCTETS = st.sampled_from(["0", "9", "10", "255", "256", "01", "00", "", "-1", "1e1", "١", " 1", "1\n"])
ADDRESSES = st.one_of(
    st.sampled_from(["10.0.0.1", "255.255.255.255", "::1"]),
    st.lists(OCTETS, min_size=3, max_size=5).map(".".join),
)
TEXTS = st.one_of(st.sampled_from(["k", "_sys_k", "_sys", "v" * 128, "v" * 129, "v" * 255, "v" * 256]), NAMES)
TAGS = st.lists(st.fixed_dictionaries({"key": TEXTS, "value": TEXTS}), max_size=3)
HOSTS = st.lists(st.fixed_dictionaries({"ip": ADDRESSES, "name": NAMES}), max_size=3)


@given(NAMES | st.just("mrs"), HOSTS | st.just([]), TAGS | st.just([]))
@examples(4)
def test_agrees_with_the_client(name: str, given_hosts: Any, tags: Any) -> None:
    """For names, hosts and tags the sandbox accepts exactly what the client's own model does."""
    body = wanted(name=name, hosts=given_hosts, tags=tags)
    try:
        CreateRequest.model_validate(body)
        accepted = len({tag["key"] for tag in tags}) == len(tags)
    except ValidationError:
        accepted = False
    try:
        create = read(body)
    except Refusal:
        assert not accepted
    else:
        assert accepted
        assert create.hosts == given_hosts
        assert [dict(zip(("key", "value"), tag, strict=True)) for tag in create.tags] == tags
