"""The plan file: what is written is read again; what was edited is refused, be it by a blank."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command import GOOD, ROOT, dli_hosts, environment
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from secrets_kept import OTHER, SECRET, forms

from importer.errors import ConnectionInvalid, PlanError
from importer.planning import plan_keeping
from importer.planning.plan import (
    InMemory,
    Plan,
    PlannedRequest,
    looks_like_plan,
    plan_lines,
    plan_request,
    write_plan,
)
from importer.planning.plan_keeping import PlanKeeper
from importer.planning.plan_reading import read_plan
from importer.version import __version__

FOLDER = "/dev/shm" if os.path.isdir("/dev/shm") else None
HOSTILE = '"hosts": []'


def body_of(name: str = "mrs", **fields: Any) -> dict[str, Any]:
    """A body in the order of the documentation; a field that is None is left out."""
    hosts = [{"ip": "10.0.0.1", "name": "node-1"}, {"ip": "10.0.0.2", "name": "node-2"}]
    body = {"name": name, "dest_vpc_id": "V", "dest_network_id": "S", "hosts": hosts} | fields
    return {key: value for key, value in body.items() if value is not None}


def text_of(plan: Plan) -> str:
    """The plan file as text."""
    return "".join(plan_lines(plan))


def kept_of(requests: Iterable[PlannedRequest]) -> Plan:
    """The plan of requests that are kept in a file as they come."""
    keeper = PlanKeeper()
    for request in requests:
        keeper.add(request)
    return keeper.plan()


def meaning(plan: Plan) -> list[tuple[Any, ...]]:
    """All that is sent or told of a plan."""
    return [
        (
            one.name,
            one.content,
            one.identity,
            one.sources,
            None if one.totals is None else dict(one.totals),
        )
        for one in plan.requests
    ]


seen = st.characters(categories=["L", "N", "P", "S"])
ids = st.text(seen, min_size=1, max_size=12) | st.sampled_from(
    [HOSTILE, "\\", '"', '\\"', "[]", "{", "hosts", "a\\n"]
)
tags = st.fixed_dictionaries(
    {
        "key": st.text(
            st.characters(categories=["L", "Nd"]) | st.sampled_from("_.:=+-@"), min_size=1, max_size=9
        ).filter(lambda key: not key.startswith("_sys_")),
        "value": st.text(st.characters(categories=["L", "Nd"]) | st.sampled_from("_.:=+-@"), max_size=9),
    }
)
hosts = st.lists(
    st.fixed_dictionaries(
        {
            "ip": st.ip_addresses(v=4).map(str),
            "name": st.from_regex(r"[A-Za-z][A-Za-z0-9_.-]{0,20}", fullmatch=True),
        }
    ).map(lambda host: {"ip": host["ip"], "name": host["name"]}),
    max_size=4,
    unique_by=lambda host: (host["ip"], host["name"]),
)
bodies = st.fixed_dictionaries(
    {
        "name": st.from_regex(r"[A-Za-z0-9_]{1,20}", fullmatch=True),
        "dest_vpc_id": ids,
        "dest_network_id": ids,
    },
    optional={
        "elastic_resource_pools": st.lists(ids, min_size=1, max_size=3),
        "queues": st.lists(ids, min_size=1, max_size=2),
        "routetable_id": ids,
        "hosts": hosts,
        "tags": st.lists(tags, min_size=1, max_size=3, unique_by=lambda tag: tag["key"]),
    },
)
sources = st.lists(
    st.text(max_size=10)
    | st.sampled_from([HOSTILE, "a\udcff.hosts", '"hosts": [', '],"hosts": []', "\n", "\u2028"]),
    max_size=2,
)
totals = st.none() | st.dictionaries(st.sampled_from(["records", "ready", "hosts"]), st.integers(0, 10**9))
plans = st.lists(st.tuples(bodies, sources, totals), max_size=3, unique_by=lambda item: item[0]["name"])


@examples(1)
@given(plans)
def test_what_is_written_is_read(
    items: list[tuple[dict[str, Any], list[str], dict[str, int] | None]],
) -> None:
    """Contents, names, sources and totals come back exactly, with the digest; a host stands on each line."""
    plan = Plan(tuple(plan_request(*item) for item in items))
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        path = str(Path(folder, "a.plan"))
        write_plan(plan, path)
        again = read_plan(path)
        content = Path(path).read_bytes()
        assert looks_like_plan(path)
        assert content.decode("utf-8") == text_of(again)
        assert meaning(again) == meaning(plan)
        kept = kept_of(plan.requests)
        assert meaning(kept) == meaning(plan)
        write_plan(kept, path)
        assert Path(path).read_bytes() == content
    assert again.digest == plan.digest == kept.digest
    assert again.version == kept.version == __version__
    assert content.isascii()
    assert content.replace(b"\n", b"").decode().isprintable()
    lines = content.decode().split("\n")
    assert lines.pop() == ""
    assert lines == content.decode().splitlines()
    last = json.loads(lines.pop())
    assert last == {"requests": len(items), "digest": plan.digest}
    assert plan.digest == hashlib.sha256(content[: content.rindex(b'{"requests": ')]).hexdigest()
    found = [json.loads(line) for line in lines[1:]]
    for body, *_ in items:
        record = found.pop(0)
        asked = body.get("hosts", ())
        assert record["body"] == (body if "hosts" not in body else body | {"hosts": []})
        assert [found.pop(0) for _ in asked] == list(asked)
        for host in asked:
            assert json.dumps(host, separators=(",", ":")) in lines
    assert found == []
    for body, planned in zip((item[0] for item in items), plan.requests, strict=True):
        sent = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        assert planned.content == sent
        assert planned.digest == hashlib.sha256(sent).hexdigest()


def test_the_same_whatever_is_around() -> None:
    """Bytes and digest of a plan do not depend on hash seed, time zone, locale or encoding."""
    code = """
import hashlib, sys
from importer.planning.plan import Plan, plan_lines, plan_request
hosts = [{"ip": f"10.0.0.{n}", "name": f"n{n}"} for n in range(9)]
bodies = [{"name": name, "dest_vpc_id": "V\\u00e9", "dest_network_id": "S", "hosts": hosts,
           "tags": [{"key": "\\u56e2", "value": "x"}]} for name in ("b", "a")]
plan = Plan(tuple(plan_request(body, ["\\u00e9.hosts"], {"ready": 9, "records": 9}) for body in bodies))
text = "".join(plan_lines(plan))
print(plan.digest, hashlib.sha256(text.encode()).hexdigest(), plan.requests[0].identity.hosts)
"""
    told = set()
    for seed in ("0", "1", "4242"):
        for zone, place in (("UTC", "C"), ("Asia/Shanghai", "C.UTF-8"), ("America/Los_Angeles", "zh_CN.GBK")):
            for further in ({}, {"PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1"}):
                changes = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": place, "LANG": place, **further}
                done = subprocess.run(
                    [sys.executable, "-c", code],
                    cwd=ROOT,
                    env=environment(changes),
                    capture_output=True,
                    text=True,
                    check=True,
                )
                told.add(done.stdout)
    assert len(told) == 1


def test_digest_covers_everything() -> None:
    """Order of requests, hosts, sources, totals and each field change the digest."""
    one, two = plan_request(body_of("a")), plan_request(body_of("b"))
    swapped = body_of("a", hosts=body_of()["hosts"][::-1])
    different = [
        Plan(()),
        Plan((one,)),
        Plan((two,)),
        Plan((one, two)),
        Plan((two, one)),
        Plan((plan_request(body_of("a"), ["x"]),)),
        Plan((plan_request(body_of("a"), [], {"ready": 1}),)),
        Plan((plan_request(body_of("a"), [], {}),)),
        Plan((plan_request(swapped),)),
        *(Plan((plan_request(body_of("a", **{field: "x"})),)) for field in ("dest_vpc_id", "routetable_id")),
    ]
    assert len({plan.digest for plan in different}) == len(different)
    assert plan_request(swapped).identity == one.identity


def edits(text: str, characters: str) -> list[str]:
    """The text with one character taken away, put in or replaced, in every place."""
    found = {text[:i] + text[i + 1 :] for i in range(len(text))}
    for char in characters:
        found |= {text[:i] + char + text[i:] for i in range(len(text) + 1)}
        found |= {text[:i] + char + text[i + 1 :] for i in range(len(text))}
    return sorted(found - {text})


def refused(characters: str, folder: Path) -> None:
    """Each edit of a small plan with one character is refused, and the error names a line of it."""
    plan = Plan((plan_request(body_of(hosts=[{"ip": "10.0.0.1", "name": "n1"}]), ["x"], {"ready": 1}),))
    path = folder / "a.plan"
    for text in edits(text_of(plan), characters):
        path.write_text(text, "utf-8")
        with pytest.raises(PlanError, match=r"a\.plan: line [1-5]: "):
            read_plan(str(path))


def test_every_edit() -> None:
    """Edits with a few characters that matter in JSON."""
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        refused('"1', Path(folder))


@pytest.mark.long
def test_every_edit_with_more() -> None:
    """Edits with many characters."""
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        refused('"1\\,:{}[] .-+eEnutrfalse_\n\0é', Path(folder))


def record_of(body: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """The record of a request, by hand; its facts are right unless others are given."""
    given = body.get("hosts", [])
    listed = given if isinstance(given, list) else []
    hosts = [json.dumps(host, separators=(",", ":")) for host in listed]
    pairs = {f"{host.get('ip')} {host.get('name')}" for host in listed if isinstance(host, dict)}
    sent = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
    return {
        "name": body["name"],
        "sources": [],
        "totals": None,
        "sha256": hashlib.sha256(sent).hexdigest(),
        "hosts_count": len(pairs),
        "hosts_sha256": hashlib.sha256("".join(f"{pair}\n" for pair in sorted(pairs)).encode()).hexdigest(),
        "hosts_bytes": len("".join(f"{host}\n" for host in hosts)),
        "body": body | {"hosts": []} if "hosts" in body and given == listed else body,
    } | facts


def signed(text: str, count: int, **facts: Any) -> str:
    """Lines with an end whose digest is right."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return text + json.dumps({"requests": count, "digest": digest} | facts) + "\n"


def forged(*requests: dict[str, Any], facts: Any = None, end: Any = None, **head: Any) -> str:
    """A plan with a right digest, made by hand: `facts` of its requests, `end` and `head` replace others."""
    tool = {"name": "dli-hosts", "version": __version__}
    lines = [json.dumps({"format": "dli-hosts plan", "schema_version": 2, "tool": tool} | head)]
    for body in requests:
        lines.append(json.dumps(record_of(body, facts or {})))
        if isinstance(body.get("hosts"), list):
            lines += [json.dumps(host, separators=(",", ":")) for host in body["hosts"]]
    return signed("".join(f"{line}\n" for line in lines), len(requests), **end or {})


def test_a_forged_plan_is_one(tmp_path: Path) -> None:
    """The helper above makes plans that are read, so that what follows tests what it says."""
    (tmp_path / "a.plan").write_text(forged(body_of()), "utf-8")
    assert read_plan(str(tmp_path / "a.plan")).requests[0].body == body_of()
    assert forged(body_of()) == in_place_of('"sources": []', '"sources": []')
    other = forged(body_of(), tool={"name": "dli-hosts", "version": "0.0.1"})
    (tmp_path / "a.plan").write_text(other, "utf-8")
    plan = read_plan(str(tmp_path / "a.plan"))
    assert plan.version == "0.0.1"
    assert text_of(plan) == other
    assert Plan(plan.requests, plan.version).digest == plan.digest != Plan(plan.requests).digest


def in_place_of(what: str, other: str) -> str:
    """A plan by hand in which something is replaced, its digest reckoned anew where that is of use."""
    text = forged(body_of()).rpartition('{"requests"')[0]
    assert what in text
    return signed(text.replace(what, other), 1)


def long_list(*odd: dict[str, Any]) -> dict[str, Any]:
    """A body with so many hosts that they are read as columns, and further ones."""
    hosts = [{"ip": f"10.1.{n >> 8}.{n & 255}", "name": f"node-{n}"} for n in range(4_000)]
    return body_of(hosts=[*hosts, *odd])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '"x"',
        "\0" * 100,
        "{" * 100_000,
        "[" * 100_000,
        "{" * 100_000 + "\n",
        "[" * 100_000 + "\n",
        "1" * 10_000 + "\n",
        "null\n",
        "[]\n",
        "{}\n",
        '"x"\n',
        forged(tool=None),
        forged(tool={"name": "dli-hosts", "version": 1}),
        forged(tool={"name": "other", "version": __version__}),
        forged(schema_version=1),
        forged(schema_version=3),
        forged(format="other"),
        forged(end={"digest": "0" * 64}),
        forged(end={"requests": 1}),
        forged(body_of(), end={"requests": 2}),
        forged(body_of()) + "\n",
        forged(body_of()) + forged(body_of()),
        forged(body_of()).removesuffix("\n"),
        forged(body_of()).rpartition('{"requests"')[0],
        forged(body_of()).partition('{"ip":"10.0.0.2"')[0],
        in_place_of("\n", "\r\n"),
        in_place_of("\n", ""),
        in_place_of("\n", "\n\n"),
        in_place_of('"tool"', '"further": 1, "tool"'),
        in_place_of('"sources": []', '"sources": [1]'),
        in_place_of('"sources": []', '"sources": "x"'),
        in_place_of('"sources": []', '"sources": [], "further": 1'),
        in_place_of('"sources": []', '"sources": [], "sources": []'),
        in_place_of('"totals": null', '"totals": [1]'),
        in_place_of('"totals": null', '"totals": {"ready": "1"}'),
        in_place_of('"totals": null', '"totals": {"ready": true}'),
        in_place_of('"totals": null', '"totals": {"ready": NaN}'),
        in_place_of('"hosts_count": 2', '"hosts_count": "2"'),
        in_place_of('"hosts_count": 2', '"hosts_count": 1e400'),
        in_place_of('"hosts_count": 2', '"hosts_count": 3'),
        in_place_of('"hosts_bytes": 68', '"hosts_bytes": "74"'),
        in_place_of('"hosts_bytes": 68', '"hosts_bytes": true'),
        in_place_of('"hosts_bytes": 68', '"hosts_bytes": -1'),
        in_place_of('"hosts_bytes": 68', '"hosts_bytes": 34'),
        in_place_of('"hosts_bytes": 68', '"hosts_bytes": 69'),
        in_place_of('"hosts_bytes": 68', '"hosts_bytes": 1e2'),
        in_place_of('"hosts_bytes": 68', f'"hosts_bytes": {1 << 30}'),
        in_place_of('{"ip":"10.0.0.2",', '{"name":"10.0.0.2",'),
        in_place_of('{"ip":"10.0.0.2",', '{"ip":"10.0.0.2","ip":"10.0.0.3",'),
        in_place_of('"10.0.0.2"', "2"),
        in_place_of('"10.0.0.2"', '"10.0.0.9"'),
        forged(body_of(), facts={"hosts_sha256": "0" * 64}),
        forged(body_of(), facts={"sha256": "0" * 64}),
        forged(body_of(), facts={"name": "other"}),
        forged(body_of(), facts={"body": body_of()}),
        forged(body_of(), facts={"body": body_of(hosts=None)}),
        forged(body_of(), body_of()),
        forged(body_of("a b")),
        forged(body_of("a" * 65)),
        forged(body_of("\ud800")),
        forged(body_of(dest_vpc_id="")),
        forged(body_of(dest_vpc_id=5)),
        forged(body_of(dest_vpc_id="\x1b[2J")),
        forged(body_of(dest_vpc_id="\ud800")),
        forged(body_of(further="x")),
        forged(body_of(tags=[{"key": "_sys_x", "value": ""}])),
        forged(body_of(elastic_resource_pools="p")),
        forged(body_of(hosts="x")),
        forged(body_of(hosts=[1])),
        forged(body_of(hosts=[{"ip": "10.0.0.1"}])),
        forged(body_of(hosts={"ip": "10.0.0.1", "name": "a"})),
        forged(body_of(hosts=5)),
        forged(body_of(hosts=[{"ip": "10.0.0.256", "name": "a"}])),
        forged(body_of(hosts=[{"ip": "10.0.0.01", "name": "a"}])),
        forged(body_of(hosts=[{"ip": "10.0.0.1", "name": "a_"}, {"ip": "10.0.0.1", "name": "_a"}])),
        forged(body_of(hosts=[{"ip": "10.0.0.1", "name": "a" * 129}])),
        forged(body_of(hosts=[{"ip": "10.0.0.1", "name": "a\u00e9"}])),
        forged(body_of(hosts=[{"ip": "10.0.0.1", "name": ""}])),
        forged(body_of(hosts=body_of()["hosts"] * 2)),
        forged(long_list({"ip": "10.1.0.7", "name": "node-7"})),
        forged(long_list({"ip": "10.0.0.256", "name": "a"})),
        forged(long_list({"ip": "10.0.0.1", "name": "1a"})),
        forged(long_list(*({"ip": "10.9.0.1", "name": f"n{n}"} for n in range(16_001)))),
        forged({"name": "x"}),
    ],
    ids=lambda text: text[:20] + "..." + text[-60:],
)
def test_what_is_no_plan(text: str, tmp_path: Path) -> None:
    """Damaged, foreign and hand-made plans are refused with a clear error, though their digest be right."""
    path = tmp_path / "a.plan"
    path.write_text(text, "utf-8")
    with pytest.raises(PlanError, match=r"a\.plan: line [0-9]+: ") as caught:
        read_plan(str(path))
    assert caught.value.hint
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize(
    ("what", "other", "said"),
    [
        ('"dli-hosts plan"', '"dli-hosts plam"', "line 1: is not the first line of a plan"),
        ('"sources": []', '"sources": ["x"]', "line 5: the digest is not that of the lines above"),
        ('"V"', '"W"', "line 2: the request 'mrs' or one of its hosts was changed"),
        ("node-2", "node-3", "line 2: the request 'mrs' or one of its hosts was changed"),
        ("node-2", "2-node", "line 4: is not a host that the service takes"),
        ("node-1", "node-10", "line 4: is not a host that the service takes"),
        ('2","name":"node-2', '1","name":"node-1', "line 4: this host stands in the request already"),
        ('{"ip":"10.0.0.2","name":"node-2"}\n', "", "line 4: is not a host that the service takes"),
        ('"mrs", "sources"', '"mrs", "source"', "line 2: is neither a request nor the end of the plan"),
        ('"V"', '""', "line 2: the request is not valid: dest_vpc_id"),
        ('{"name": "mrs", "sources"', '"name": "mrs", "sources"', "line 2: is not JSON"),
    ],
)
def test_the_line_of_an_edit_is_named(what: str, other: str, said: str, tmp_path: Path) -> None:
    """Edits that a person might make are refused with the line at which they show."""
    text = forged(body_of())
    assert what in text
    (tmp_path / "a.plan").write_text(text.replace(what, other), "utf-8")
    with pytest.raises(PlanError) as caught:
        read_plan(str(tmp_path / "a.plan"))
    assert said in str(caught.value)


FACTS = ("name", "sha256", "hosts_count", "hosts_sha256", "hosts_bytes")


@pytest.mark.parametrize("fact", FACTS)
def test_no_fact_of_another_list_is_believed(fact: str, tmp_path: Path) -> None:
    """What stands beside a request is computed anew, so none of it can be that of another list."""
    other = record_of(body_of("other", hosts=[{"ip": "10.0.0.9", "name": "node-nine"}]), {})
    (tmp_path / "a.plan").write_text(forged(body_of(), facts={fact: other[fact]}), "utf-8")
    with pytest.raises(PlanError, match=r"a\.plan: line [0-9]: "):
        read_plan(str(tmp_path / "a.plan"))


def test_the_digest_covers_the_version(tmp_path: Path) -> None:
    """A plan of one version cannot be shown as that of another one."""
    (tmp_path / "a.plan").write_text(forged(body_of()).replace(f'"{__version__}"', '"0.0.1"'), "utf-8")
    with pytest.raises(PlanError, match="line 5: the digest is not that of the lines above"):
        read_plan(str(tmp_path / "a.plan"))


def test_every_cut_is_noticed(tmp_path: Path) -> None:
    """A plan of which the end is missing, be it one byte, is refused."""
    text = text_of(Plan((plan_request(body_of("a")), plan_request(body_of("b", hosts=None)))))
    path = tmp_path / "a.plan"
    for length in range(len(text)):
        path.write_text(text[:length], "utf-8")
        with pytest.raises(PlanError):
            read_plan(str(path))


def test_a_plan_that_changes_after_it_was_read(tmp_path: Path) -> None:
    """Of a plan that was read no request is sent that is not the one that was read."""
    path = tmp_path / "a.plan"
    hosts = [{"ip": "10.0.0.1", "name": f"node-{n}"} for n in range(500)]  # more than a buffer holds
    write_plan(Plan(tuple(plan_request(body_of(name, hosts=hosts)) for name in ("a", "b", "c"))), str(path))
    was = path.read_bytes()
    plan = read_plan(str(path))
    contents = [request.content for request in plan.requests]
    path.write_bytes(was.replace(b'node-1"', b'node-x"', 1))
    with pytest.raises(PlanError, match="the request 'a' was changed in its plan") as caught:
        plan.requests[0].content  # noqa: B018 (a property that reads a file)
    assert caught.value.hint
    assert [request.content for request in plan.requests[1:]] == contents[1:]
    os.truncate(path, len(was) // 2)
    with pytest.raises(PlanError, match="the request 'c' was changed"):
        plan.requests[2].hosts  # noqa: B018
    path.write_bytes(was)
    assert [request.content for request in plan.requests] == contents
    write_plan(Plan(()), str(path))  # another file in its place
    assert [request.content for request in plan.requests] == contents


def test_an_old_plan_is_refused_with_a_hint(tmp_path: Path) -> None:
    """A plan of the format before is known as a plan, and the hint says to make it again."""
    head = {"format": "dli-hosts plan", "schema_version": 1, "tool": {}, "digest": "0" * 64, "requests": []}
    for indent in (2, None):
        (tmp_path / "a.plan").write_text(json.dumps(head, indent=indent) + "\n", "utf-8")
        assert looks_like_plan(str(tmp_path / "a.plan"))
        with pytest.raises(PlanError, match="line 1: ") as caught:
            read_plan(str(tmp_path / "a.plan"))
        assert "make it again" in caught.value.hint


def test_hosts_that_were_not_checked() -> None:
    """A host that the service would refuse is not planned, though nobody should ask for it."""
    with pytest.raises(ConnectionInvalid, match="mrs: "):
        plan_request(body_of(hosts=[{"ip": "10.0.0.1", "name": "-"}]))
    with pytest.raises(ConnectionInvalid, match="mrs: "):
        plan_request(body_of(hosts=body_of()["hosts"] * 2))


@pytest.mark.parametrize("in_memory", [4 << 20, 1])
def test_hosts_are_not_held(in_memory: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of requests that are kept or read, no hosts are held in memory, be the file small or large."""
    monkeypatch.setattr(plan_keeping, "_IN_MEMORY", in_memory)
    alive: list[weakref.ref[PlannedRequest]] = []

    def made() -> Iterator[PlannedRequest]:
        for number in range(20):
            assert sum(one() is not None for one in alive) <= 1
            request = plan_request(body_of(f"n{number}"))
            alive.append(weakref.ref(request))
            yield request
            del request

    kept = kept_of(made())
    path = str(tmp_path / "a.plan")
    write_plan(kept, path)
    again = read_plan(path)
    for plan in (kept, again):
        assert not any(isinstance(request.kept, InMemory) for request in plan.requests)
        assert [request.content for request in plan.requests] == [
            plan_request(body_of(f"n{number}")).content for number in range(20)
        ]
    assert kept.digest == again.digest


def test_two_of_one_name() -> None:
    """Requests of one name make no plan."""
    with pytest.raises(ConnectionInvalid, match="two connections would be named a"):
        kept_of([plan_request(body_of(name)) for name in ("a", "b", "a", "b")])


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """Missing files, folders and files that are no text."""
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00{")
    for name in ("missing", "", "bytes"):
        with pytest.raises(PlanError):
            read_plan(str(tmp_path / name))
        assert not looks_like_plan(str(tmp_path / name))


def test_a_plan_without_an_end(tmp_path: Path) -> None:
    """A file that goes on and on without a request is given up at a bound, and what is no file at once."""
    head = text_of(Plan(())).partition("\n")[0] + "\n"
    path = tmp_path / "a.plan"
    with path.open("wb") as file:
        file.write(head.encode())
        file.truncate(3 << 30)
    with pytest.raises(PlanError, match="line 2: is cut off, or longer than 16 MiB"):
        read_plan(str(path))
    os.mkfifo(tmp_path / "pipe")
    for name in ("/dev/zero", str(tmp_path / "pipe")):
        assert not looks_like_plan(name)
        with pytest.raises(PlanError, match="it is no regular file"):
            read_plan(name)


@pytest.mark.parametrize("umask", [0, 0o022, 0o077])
def test_a_plan_is_private(umask: int, tmp_path: Path) -> None:
    """A plan is its owner's alone, also where a file that others could read was replaced."""
    path = tmp_path / "a.plan"
    path.write_text("old")
    path.chmod(0o644)
    before = os.umask(umask)
    try:
        for target in (path, tmp_path / "new.plan"):
            write_plan(Plan((plan_request(body_of()),)), str(target))
            assert target.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


def test_no_secret_in_a_plan(tmp_path: Path) -> None:
    """A plan that is made where credentials are at hand holds none of them, and no endpoint."""
    (tmp_path / "good.hosts").write_bytes(GOOD)
    secrets = {
        "HOME": str(tmp_path),
        "HUAWEICLOUD_SDK_AK": "AKOFTHISTEST",
        "HUAWEICLOUD_SDK_SK": SECRET,
        "HUAWEICLOUD_SDK_SECURITY_TOKEN": OTHER,
        "HUAWEICLOUD_SDK_PROJECT_ID": "0123456789abcdef0123456789abcdef",
    }
    command = ("plan", "good.hosts", "--name", "mrs", "--vpc", "V", "--subnet", "S", "-o", "a.plan")
    outcome = dli_hosts(*command, cwd=tmp_path, env=secrets)
    assert outcome.status == 0
    text = (tmp_path / "a.plan").read_text("utf-8") + outcome.out + outcome.err
    for secret in secrets.values():
        for form in forms(secret) - {str(tmp_path)}:
            assert form not in text or form in str(tmp_path)
    assert "myhuaweicloud" not in text


def test_a_source_whose_name_is_no_text(tmp_path: Path) -> None:
    """A list whose file name is no UTF-8 can be planned, and the plan be read."""
    name = os.fsdecode(b"caf\xe9.hosts")
    plan = Plan((plan_request(body_of(), [name]),))
    write_plan(plan, str(tmp_path / "a.plan"))
    assert read_plan(str(tmp_path / "a.plan")).requests[0].sources == (name,)
