"""The plan file: what is written is read again; what was edited is refused, be it by a blank."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from command import GOOD, ROOT, dli_hosts, environment
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from secrets_kept import OTHER, SECRET, forms

from importer.errors import PlanError
from importer.planning.plan import (
    Plan,
    PlannedRequest,
    looks_like_plan,
    plan_lines,
    plan_request,
    read_plan,
    write_plan,
)
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
        text = Path(path).read_text("utf-8")
        assert looks_like_plan(path)
        assert text == text_of(again)
    assert meaning(again) == meaning(plan)
    assert again.digest == plan.digest
    data = json.loads(text)
    assert [item["body"] for item in data["requests"]] == [item[0] for item in items]
    lines = text.splitlines() if "\u2028" not in text else text.split("\n")
    for item in items:
        for host in item[0].get("hosts", ()):
            text = json.dumps(host, separators=(",", ":"))
            assert any(line.strip().rstrip(",") == text for line in lines)


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
    """Each edit of a small plan with one character is refused, save in the version that wrote it."""
    plan = Plan((plan_request(body_of(hosts=[{"ip": "10.0.0.1", "name": "n1"}]), ["x"], {"ready": 1}),))
    path = folder / "a.plan"
    before, _, behind = text_of(plan).partition(f'"version": "{__version__}')
    for text in edits(text_of(plan), characters):
        if text.startswith(before) and text.endswith(behind):
            continue
        path.write_text(text, "utf-8")
        with pytest.raises(PlanError):
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


def forged(*requests: dict[str, Any], **fields: Any) -> str:
    """A plan whose digest is right, made by hand."""
    identity = plan_request(body_of()).identity
    planned = tuple(
        PlannedRequest(str(body["name"]), json.dumps(body, separators=(",", ":")).encode(), identity)
        for body in requests
    )
    text = text_of(Plan(planned))
    for key, value in fields.items():
        known = {"schema_version": "1", "format": '"dli-hosts plan"', "digest": f'"{Plan(planned).digest}"'}
        text = text.replace(f'"{key}": {known[key]}', f'"{key}": {json.dumps(value)}')
    return text


def test_a_forged_plan_is_one(tmp_path: Path) -> None:
    """The helper above makes plans that are read, so that what follows tests what it says."""
    (tmp_path / "a.plan").write_text(forged(body_of()), "utf-8")
    assert read_plan(str(tmp_path / "a.plan")).requests[0].body == body_of()


def in_place_of(what: str, other: str) -> str:
    """A plan by hand in which something is replaced, its digest reckoned anew where that is of use."""
    return forged(body_of()).replace(what, other)


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
        '{"format": "dli-hosts plan", "schema_version": 1, "requests": ' + "[" * 100_000,
        '{"format": "dli-hosts plan", "schema_version": 1, "requests": [' + '{"body": ' * 990,
        forged(schema_version=2),
        forged(format="other"),
        forged(digest="0" * 64),
        in_place_of("\n", "\r\n"),
        in_place_of("\n", ""),
        in_place_of('"requests": [', '"requests": null, "x": ['),
        in_place_of('"tool"', '"further": 1, "tool"'),
        in_place_of('"sources": []', '"sources": [1]'),
        in_place_of('"totals": null', '"totals": [1]'),
        in_place_of('"hosts_count": 2', '"hosts_count": "2"'),
        in_place_of('"hosts_count": 2', '"hosts_count": 1e400'),
        in_place_of('{"ip":"10.0.0.2",', '{"name":"10.0.0.2",'),
        in_place_of('{"ip":"10.0.0.2",', '{"ip":"10.0.0.2","ip":"10.0.0.3",'),
        in_place_of('"10.0.0.2"', "2"),
        forged(body_of(), body_of()),
        forged(body_of("a b")),
        forged(body_of("a" * 65)),
        forged(body_of(dest_vpc_id="")),
        forged(body_of(dest_vpc_id=5)),
        forged(body_of(dest_vpc_id="\x1b[2J")),
        forged(body_of(further="x")),
        forged(body_of(tags=[{"key": "_sys_x", "value": ""}])),
        forged(body_of(elastic_resource_pools="p")),
        forged(body_of(hosts="x")),
        forged(body_of(hosts=[1])),
        forged(body_of(hosts=[{"ip": "10.0.0.1"}])),
        forged(body_of(hosts={"ip": "10.0.0.1", "name": "a"})),
        forged(body_of(hosts=5)),
        forged({"name": "x"}),
    ],
    ids=lambda text: text[:20] + "..." + text[-60:],
)
def test_what_is_no_plan(text: str, tmp_path: Path) -> None:
    """Damaged, foreign and hand-made plans are refused with a clear error, though their digest be right."""
    path = tmp_path / "a.plan"
    path.write_text(text, "utf-8")
    with pytest.raises(PlanError) as caught:
        read_plan(str(path))
    assert caught.value.hint
    assert len(str(caught.value)) < 1_000


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """Missing files, folders and files that are no text."""
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00{")
    for name in ("missing", "", "bytes"):
        with pytest.raises(PlanError):
            read_plan(str(tmp_path / name))
        assert not looks_like_plan(str(tmp_path / name))


def test_a_plan_without_an_end(tmp_path: Path) -> None:
    """A file that goes on and on without a request is given up at a bound, and what is no file at once."""
    head = text_of(Plan((plan_request(body_of()),))).partition('"tool"')[0]
    path = tmp_path / "a.plan"
    with path.open("wb") as file:
        file.write(head.encode())
        file.truncate(3 << 30)
    with pytest.raises(PlanError, match="64 MiB in one piece"):
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
