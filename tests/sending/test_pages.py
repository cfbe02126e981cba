"""The pages of a list: however a server counts and cuts them, each live connection of the name is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from command import GOOD
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from submitting import live, posts, submit

from importer.calling.calls import Answer, Call
from importer.sandbox.page import read_create
from importer.sandbox.serve import Running, start
from importer.sending.retry import Clock, Retry
from importer.sending.service import Gate, LookUpFailed, Service

Items = list[dict[str, Any]]
Paging = Callable[[Items, int, int], Items]


def items_of(names: list[str]) -> Items:
    """Live connections with these names."""
    common = {"status": "ACTIVE", "dest_vpc_id": "V", "dest_network_id": "S"}
    return [{"id": f"id-{number}", "name": name, **common} for number, name in enumerate(names)]


def find(items: Items, paging: Paging, name: str = "mrs") -> tuple[set[str], list[dict[str, str]]]:
    """The ids that a look-up finds, and the queries that it needed."""
    queries = []

    def send(call: Call) -> Answer:
        query = {key: values[0] for key, values in parse_qs(urlsplit(call.url).query).items()}
        queries.append(query)
        page = paging(items, int(query["offset"]), int(query["limit"]))
        return Answer(200, {}, json.dumps({"connections": page}).encode(), True)

    clock = Clock(lambda: 0.0, lambda: 0.0, lambda _: None, lambda: 0.5)
    found = Service(send, "http://x", Retry(clock), Gate()).find(name)
    return {existing.id for existing in found}, queries


def by_item(cap: int) -> Paging:
    """The offset counts connections; a page has no more than `cap`."""
    return lambda items, offset, limit: items[offset : offset + min(limit, cap)]


def by_page(cap: int) -> Paging:
    """The offset counts pages."""

    def paging(items: Items, offset: int, limit: int) -> Items:
        size = min(limit, cap)
        return items[offset * size : (offset + 1) * size]

    return paging


@examples(5)
@given(
    names=st.lists(st.sampled_from(["mrs", "mrs2", "MRS", "x"]), max_size=60),
    cap=st.integers(1, 30),
    how=st.sampled_from([by_item, by_page]),
)
def test_each_is_found(names: list[str], cap: int, how: Callable[[int], Paging]) -> None:
    """Exactly those of the name; by a number of calls that has a bound; each asks for the same page size."""
    items = items_of(names)
    found, queries = find(items, how(cap))
    assert found == {item["id"] for item in items if item["name"] == "mrs"}
    assert len(queries) <= len(names) // min(cap, 10) + 3
    assert len({query["limit"] for query in queries}) == 1
    assert all(query["status"] == "ACTIVE" and query["name"] == "mrs" for query in queries)


@pytest.mark.parametrize(("number", "calls"), [(0, 1), (1, 2)])
def test_a_usual_look_up_is_short(number: int, calls: int) -> None:
    """Nothing is found by one call, one connection by two."""
    assert len(find(items_of(["mrs"] * number), by_item(10))[1]) == calls


@pytest.mark.parametrize("number", [1, 2, 10, 11, 25])
def test_a_page_that_repeats(number: int) -> None:
    """A server that does not look at the offset may hide any connection: nothing is concluded."""
    with pytest.raises(LookUpFailed, match="circle"):
        find(items_of(["mrs"] * number), lambda items, _, limit: items[:limit])


def test_a_list_without_an_end() -> None:
    """A server that makes up connections for ever is left."""
    with pytest.raises(LookUpFailed, match="does not end"):
        find([], lambda _, offset, limit: [{"id": f"a{offset}", "name": "x"}])


@pytest.mark.parametrize("rule", ["short-pages", "page-numbers", "no-filter"])
@pytest.mark.parametrize("workers", ["1", "4"])
def test_no_twin_behind_the_first_page(rule: str, workers: str, tmp_path: Path) -> None:
    """The last one of many connections is adopted, though its server ignores the filter too."""
    (tmp_path / "good.hosts").write_bytes(GOOD)
    with start(seed=1) as sandbox:
        assert submit(sandbox, tmp_path, "--journal", "first").status == 0
        (mine,) = sandbox.store.connections()
        body = {"dest_vpc_id": "V", "dest_network_id": "S", "hosts": []}
        _fill(sandbox, [{"name": f"other_{number}", **body} for number in range(24)])
        sandbox.store.delete(mine.id)
        assert submit(sandbox, tmp_path, "--journal", "second").status == 0
        sandbox.faults([f"{rule}:op=list"])
        done = submit(sandbox, tmp_path, "--journal", "third", "--workers", workers)
        assert (done.status, done.out.split(":")[0]) == (0, "exists")
        assert (posts(sandbox), [name for name, _ in live(sandbox)].count("mrs")) == (2, 1)


def _fill(sandbox: Running, bodies: list[dict[str, Any]]) -> None:
    for body in bodies:
        sandbox.store.create(read_create(json.dumps(body).encode()))


def test_a_page_that_repeats_sends_nothing(tmp_path: Path) -> None:
    """The look-up before sending fails, and nothing is sent."""
    (tmp_path / "good.hosts").write_bytes(GOOD)
    with start(seed=1) as sandbox:
        submit(sandbox, tmp_path, "--journal", "first")
        sandbox.faults(["same-page:op=list"])
        done = submit(sandbox, tmp_path, "--journal", "second")
        assert (done.status, done.out.split(":")[0], posts(sandbox)) == (2, "not-sent", 1)
        assert "circle" in done.out
