"""`pull`: what a connection has, as a list that plans as unchanged; and a table of all connections."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from inside import inside
from serving import Client

from importer.sandbox.serve import Running, start

HOSTS = [("10.0.0.10", "b"), ("10.0.0.2", "c"), ("10.0.0.10", "a")]
IN_ORDER = "10.0.0.2 c\n10.0.0.10 a\n10.0.0.10 b\n"
CONNECTION = ("--name", "mrs", "--vpc", "V", "--subnet", "S", "--pool", "p")


@pytest.fixture
def sandbox() -> Iterator[Running]:
    """A local DLI with one connection, whose pools are ACTIVE at once."""
    with start(seed=1, peering_seconds=0) as running:
        hosts = [{"ip": ip, "name": name} for ip, name in HOSTS]
        Client(running).create(
            name="mrs", dest_vpc_id="V", dest_network_id="S", elastic_resource_pools=["p"], hosts=hosts
        )
        yield running


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("hosts", f"# HEAD\n{IN_ORDER}"),
        ("csv", "# HEAD\nip,name\n10.0.0.2,c\n10.0.0.10,a\n10.0.0.10,b\n"),
        ("console", IN_ORDER),
        (
            "toml",
            '# HEAD\n# Tags and the route table cannot be read.\n[[connection]]\nname = "mrs"\nvpc = "V"\n'
            'subnet = "S"\npools = ["p"]\n'
            'hosts = [\n  "10.0.0.2 c",\n  "10.0.0.10 a",\n  "10.0.0.10 b",\n]\n',
        ),
    ],
)
def test_what_is_pulled_plans_as_unchanged(sandbox: Running, folder: Path, form: str, text: str) -> None:
    """The file is the same each time but for its first line, and planning it finds nothing to do."""
    name = f"pulled.{form}"
    told = inside(sandbox, folder, "pull", "mrs", "--as", form, "-o", name)
    assert (told.status, told.out) == (0, "")
    (key,) = (one.id for one in sandbox.store.connections())
    assert told.err == f"mrs: 3 hosts, id {key}\n"
    head = (
        rf"# connection mrs, id {key}, 3 hosts, pulled \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC "
        rf"from {re.escape(sandbox.endpoint)}, project {sandbox.project_id}\n"
    )
    assert re.sub(head, "# HEAD\n", (folder / name).read_text("utf-8")) == text
    given = () if form == "toml" else CONNECTION
    plan = inside(sandbox, folder, "plan", name, *given, "--online", "--detailed-exitcode", "-q")
    assert (plan.status, plan.out.partition(",")[0]) == (0, "unchanged: mrs")


def test_the_table(sandbox: Running, folder: Path) -> None:
    """All live connections, page by page, as text, JSON and CSV."""
    client = Client(sandbox)
    for number in range(25):
        client.create(name=f"c_{number:02}")
    (gone,) = (one.id for one in sandbox.store.connections() if one.name == "c_07")
    sandbox.store.delete(gone)
    names = ["mrs", *(f"c_{number:02}" for number in range(25) if number != 7)]
    text = inside(sandbox, folder, "pull")
    assert [line.partition(":")[0] for line in text.out.splitlines()] == names
    (mrs,) = (one.id for one in sandbox.store.connections() if one.name == "mrs")
    assert text.out.splitlines()[0] == f"mrs: ACTIVE, 3 hosts, p ACTIVE, vpc V, subnet S, id {mrs}"
    told = json.loads(inside(sandbox, folder, "pull", "--output-format", "json").out)["connections"]
    assert [one["name"] for one in told] == names
    assert told[0] == {
        "name": "mrs", "id": mrs, "status": "ACTIVE", "hosts": 3, "vpc": "V", "subnet": "S",
        "pools": [{"name": "p", "status": "ACTIVE", "err_msg": ""}],
    }  # fmt: skip
    rows = list(csv.reader(io.StringIO(inside(sandbox, folder, "pull", "--output-format", "csv").out)))
    assert rows[:2] == [
        ["name", "id", "status", "hosts", "pools", "vpc", "subnet"],
        ["mrs", mrs, "ACTIVE", "3", "p=ACTIVE", "V", "S"],
    ]
    assert len(rows) == 26


def test_several_are_a_jobs_file(sandbox: Running, folder: Path) -> None:
    """One without hosts, too; each entry plans as unchanged."""
    Client(sandbox).create(name="bare", hosts=[])
    told = inside(sandbox, folder, "pull", "mrs", "bare", "mrs", "--as", "toml", "-o", "jobs.toml")
    assert told.status == 0
    plan = inside(sandbox, folder, "plan", "jobs.toml", "--online", "-q", "--detailed-exitcode")
    assert (plan.status, plan.out.count("unchanged: ")) == (0, 2)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("none",), "there is no connection 'none'"),
        (("mrs", "other"), "--as hosts is for one connection"),
        (("--as", "toml"), "--as toml is for the hosts of a connection"),
        (("mrs", "--output-format", "json"), "--output-format is for the list"),
        (("twin",), "2 connections are named 'twin': "),
    ],
)
def test_mistakes(sandbox: Running, folder: Path, arguments: tuple[str, ...], word: str) -> None:
    """Each is told in one line, and no file is written."""
    for _ in range(2):
        Client(sandbox).create(name="twin")
    told = inside(sandbox, folder, "pull", *arguments, "-o", "out")
    assert (told.status, word in told.err, (folder / "out").exists()) == (2, True, False)
