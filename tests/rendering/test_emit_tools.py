"""`emit --as terraform` and `--as koocli`: what those tools read is the connection and its hosts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from command import GOOD, assert_cannot_work, dli_hosts
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.planning.request import Connection, CreateRequest, build_request
from importer.rendering.forms.koocli import koocli_document
from importer.rendering.forms.terraform import (
    ASSOCIATE,
    CONNECTION,
    literal,
    terraform_document,
    terraform_label,
)

CONNECTION_OPTIONS = ("--name", "mrs", "--vpc", "v", "--subnet", "s")

NAMES = st.from_regex(r"[A-Za-z0-9_]{1,9}", fullmatch=True)
TEXTS = st.one_of(
    st.sampled_from(["${a}", "%{if}", "$${", "$$${x}", "%%{", "$", "a$", '"\\', "héß"]),
    st.text(st.sampled_from('${}%~"a\\'), min_size=1, max_size=6),
)
TAGS = st.dictionaries(st.sampled_from(["env", "k.1", "主", "a=b"]), st.sampled_from(["", "prod", "a:b+c@d"]))
HOSTS = st.lists(
    st.tuples(st.ip_addresses(v=4).map(str), st.from_regex(r"[A-Za-z][A-Za-z0-9_.\-]{0,9}", fullmatch=True)),
    max_size=5,
)
CONNECTIONS = st.builds(
    lambda optional, **needed: Connection(**needed, **optional),
    name=NAMES,
    vpc=TEXTS,
    subnet=TEXTS,
    optional=st.fixed_dictionaries(
        {},
        optional={
            "pools": st.lists(TEXTS, max_size=2).map(tuple),
            "queues": st.lists(TEXTS, max_size=2, unique=True).map(tuple),
            "route_table": TEXTS,
            "tags": TAGS,
        },
    ),
)


def resolved(text: str) -> str:
    """A string as Terraform takes it, in which nothing may be left that it would evaluate."""
    assert not re.search(r"[$%]\{", re.sub(r"([$%])\1\{", "_", text)), text
    return re.sub(r"([$%])\1\{", r"\1{", text)


def read_back(document: dict[str, Any], label: str) -> tuple[Connection, list[tuple[str, str]]]:
    """The connection with this label in a Terraform document, and its hosts."""
    resources = document["resource"]
    block = resources[CONNECTION][label]
    associate = resources.get(ASSOCIATE, {}).get(label)
    pools: list[str] = []
    if associate is not None:
        assert associate.keys() == {"connection_id", "elastic_resource_pools"}
        assert associate["connection_id"] == f"${{{CONNECTION}.{label}.id}}"
        pools = [resolved(pool) for pool in associate["elastic_resource_pools"]]
    connection = Connection(
        name=block["name"],
        vpc=resolved(block["vpc_id"]),
        subnet=resolved(block["subnet_id"]),
        pools=pools,
        queues=[resolved(queue) for queue in block.get("queues", [])],
        route_table=resolved(block["route_table_id"]) if "route_table_id" in block else None,
        tags={resolved(key): resolved(value) for key, value in block.get("tags", {}).items()},
    )
    return connection, [(host["ip"], host["name"]) for host in block.get("hosts", [])]


@examples(2)
@given(CONNECTIONS, HOSTS)
def test_terraform_round_trip(connection: Connection, hosts: list[tuple[str, str]]) -> None:
    """What Terraform reads is the connection and the hosts that were written, in the same order."""
    text = json.dumps(terraform_document([build_request(connection, hosts).body()]))
    assert read_back(json.loads(text), terraform_label(connection.name)) == (connection, hosts)


@examples()
@given(CONNECTIONS, HOSTS)
def test_koocli_round_trip(connection: Connection, hosts: list[tuple[str, str]]) -> None:
    """What KooCLI sends is the request itself, and the file says nothing else."""
    request = build_request(connection, hosts)
    document = json.loads(json.dumps(koocli_document(request.body())))
    assert document.keys() == {"body"}
    assert CreateRequest.of_body(document["body"]) == request


@examples()
@given(NAMES)
def test_labels(name: str) -> None:
    """A label is an identifier of Terraform, whatever a connection's name begins with."""
    assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", terraform_label(name))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("${a}", "$${a}"),
        ("%{a}", "%%{a}"),
        ("$a", "$a"),
        ("{a}", "{a}"),
        ("$${a}", "$$${a}"),
        ("$%{", "$%%{"),
    ],
)
def test_templates_are_escaped(text: str, written: str) -> None:
    """`${` and `%{` are doubled, and nothing else is."""
    assert literal(text) == written


# -- the command


def many(folder: Path, count: int) -> None:
    """A list of so many hosts."""
    lines = (b"10.0.%d.%d h%d\n" % (i >> 8, i & 255, i) for i in range(count))
    (folder / "list").write_bytes(b"".join(lines))


@pytest.mark.parametrize("form", ["terraform", "koocli"])
def test_connection_is_needed(form: str, tmp_path: Path) -> None:
    """Both need a connection as `request` does, from options or from a file."""
    (tmp_path / "list").write_bytes(GOOD)
    assert_cannot_work(dli_hosts("emit", "list", "--as", form, cwd=tmp_path), "lacks name, vpc, subnet")
    (tmp_path / "c.toml").write_text('name = "a"\nvpc = "v"\nsubnet = "s"\n', encoding="utf-8")
    of_file = dli_hosts("emit", "list", "--as", form, "--connection", "c.toml", "--name", "mrs", cwd=tmp_path)
    of_options = dli_hosts("emit", "list", "--as", form, *CONNECTION_OPTIONS, cwd=tmp_path)
    assert (of_file.status, of_file.raw) == (0, of_options.raw)


def test_split_terraform(tmp_path: Path) -> None:
    """One Terraform file holds all connections of a list that is split, the pools of each beside it."""
    many(tmp_path, 20_001)
    emit = ("emit", "list", "--as", "terraform", *CONNECTION_OPTIONS, "--pool", "p")
    assert dli_hosts(*emit, cwd=tmp_path).status == 1
    outcome = dli_hosts(*emit, "--split", cwd=tmp_path)
    document = json.loads(outcome.raw)
    parts = [read_back(document, label) for label in ("mrs_1", "mrs_2")]
    assert [(part.name, part.pools, len(hosts)) for part, hosts in parts] == [
        ("mrs_1", ("p",), 20_000),
        ("mrs_2", ("p",), 1),
    ]
    assert [list(resources) for resources in document["resource"].values()] == [["mrs_1", "mrs_2"]] * 2


def test_split_koocli(tmp_path: Path) -> None:
    """A KooCLI file holds one connection, so that a list that is split needs a folder."""
    many(tmp_path, 20_001)
    emit = ("emit", "list", "--as", "koocli", *CONNECTION_OPTIONS, "--split")
    assert_cannot_work(dli_hosts(*emit, cwd=tmp_path), "one file for each connection", "-o FOLDER")
    assert dli_hosts(*emit, "-o", "parts", cwd=tmp_path).status == 0
    written = sorted((tmp_path / "parts").iterdir())
    assert [path.name for path in written] == ["mrs_1.json", "mrs_2.json"]
    bodies = [json.loads(path.read_bytes())["body"] for path in written]
    assert [(body["name"], len(body["hosts"])) for body in bodies] == [("mrs_1", 20_000), ("mrs_2", 1)]
    assert "is not empty" in dli_hosts(*emit, "-o", "parts", cwd=tmp_path).err


def test_split_of_a_short_list(tmp_path: Path) -> None:
    """With --split a list that fits is one connection under its own name, in a folder if one is named."""
    (tmp_path / "list").write_bytes(GOOD)
    emit = ("emit", "list", "--as", "koocli", *CONNECTION_OPTIONS, "--split")
    shown = dli_hosts(*emit, cwd=tmp_path)
    assert dli_hosts(*emit, "-o", "parts", cwd=tmp_path).status == 0
    assert (tmp_path / "parts" / "mrs.json").read_bytes() == shown.raw


def test_koocli_takes_files_of_5_mb(tmp_path: Path) -> None:
    """The longest names and addresses that 20,000 hosts can have stay below what KooCLI takes."""
    lines = (f"255.255.{i >> 8}.{100 + (i & 127)} {f'h{i}-':x<128}\n" for i in range(20_000))
    (tmp_path / "list").write_text("".join(lines), encoding="ascii")
    outcome = dli_hosts(
        "emit", "list", "--as", "koocli", *CONNECTION_OPTIONS, "--keep-local", "--warn", "N111", cwd=tmp_path
    )
    assert outcome.status == 0, outcome.err
    assert 3_900_000 < len(outcome.raw) < 5_000_000
