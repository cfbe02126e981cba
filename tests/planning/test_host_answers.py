"""Answers of the service, read with their hosts taken out whole or as JSON: the same is found in them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.planning import host_answers, host_lines
from importer.planning.host_answers import HostsThere, read_answer
from importer.planning.identity import NotUnderstood, existing_of

hosts = st.lists(
    st.fixed_dictionaries(
        {
            "ip": st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.10", "10.0.0.256", "x", ""]),
            "name": st.sampled_from(["a", "b.c", "-", "NaN", "]", "}]", '"', '"hosts":[{"ip":"', "\u00e9"]),
        }
    ),
    max_size=4,
)
good_hosts = st.lists(
    st.fixed_dictionaries(
        {"ip": st.sampled_from(["10.0.0.1", "10.0.0.10"]), "name": st.sampled_from(["a", "b.c"])}
    ),
    min_size=1,
    max_size=4,
)
texts = st.sampled_from(
    ["", "NaN", "x", '"', '\\"', '"hosts":[{"ip":"10.0.0.1","name":"a"}]', 'a"hosts', "\u56e2", "hosts"]
)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | texts | st.just(float("nan")) | good_hosts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
connections = st.fixed_dictionaries(
    {"id": st.just("i"), "name": texts, "dest_vpc_id": texts, "dest_network_id": texts},
    optional={"hosts": good_hosts | hosts | values, "status": texts},
)


def plain(value: Any) -> Any:
    """The same with objects in place of what was taken out."""
    if isinstance(value, HostsThere):
        return value.mappings()
    if isinstance(value, list):
        return [plain(one) for one in value]
    return {key: plain(one) for key, one in value.items()} if isinstance(value, dict) else value


@pytest.fixture(autouse=True, scope="module")
def _any_size() -> Any:
    """However few hosts there are, they count as many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(host_answers, "LARGE", 1)
        patch.setattr(host_lines, "LARGE", 1)
        yield


@examples(2)
@given(values | connections, st.sampled_from([(",", ":"), (", ", ": ")]), st.booleans())
def test_an_answer_says_the_same(value: Any, marks: tuple[str, str], escaped: bool) -> None:
    """What is read is what JSON says, and so is what is found of a connection."""
    body = json.dumps({"outer": [value], "hosts": 1}, separators=marks, ensure_ascii=escaped).encode()
    found = read_answer(body)
    assert repr(plain(found)) == repr(json.loads(body))  # NaN is not equal to itself
    assert _told(found["outer"][0]) == _told(json.loads(body)["outer"][0])


def _told(item: Any) -> Any:
    """What is made of a connection, or that it is none."""
    try:
        there = existing_of(item)
    except NotUnderstood as error:
        return str(error)
    return there and (there.identity, there.hosts, there.id, there.name, there.peerings)


@examples(1)
@given(
    connections,
    st.integers(0, 300),
    st.sampled_from([b"", b'"', b"]", b"}", b"\\", b"{", b",", b"N", b"\xff"]),
)
def test_what_is_no_json_stays_so(value: Any, place: int, change: bytes) -> None:
    """An answer that was damaged is refused as JSON, or understood as JSON."""
    body = json.dumps(value, separators=(",", ":")).encode()
    place %= len(body)
    body = body[:place] + change + body[place + 1 :]
    try:
        expected = repr(json.loads(body))
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 (json raises several kinds)
            read_answer(body)
    else:
        assert repr(plain(read_answer(body))) == expected


def test_hosts_are_taken_out() -> None:
    """Compact lists of hosts are taken out, wherever they stand; other lists are left."""
    one, other = [{"ip": "10.0.0.2", "name": "b"}] * 2, [{"ip": "10.0.0.1", "name": "a", "x": 1}]
    body = json.dumps([{"hosts": one}, {"hosts": other}, {"a": {"hosts": one}}], separators=(",", ":"))
    first, second, third = read_answer(body.encode())
    digest, count = host_lines.hosts_of_small(host_lines.host_block(one))
    assert first["hosts"] == third["a"]["hosts"] == (host_lines.host_block(one), digest, count)
    assert count == 1
    assert second == {"hosts": other}
