"""Saved answers of the list calls of MRS and ECS: the same list as the same hosts in any other form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer import InputError, UsageError, check, read
from importer.cli.main import main
from importer.reading.cells.answers import MAX_ANSWER

NAMES = st.text(st.sampled_from("abz09-._é中\0"), max_size=8)
ADDRESSES = st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.300", "::1", "fe80::1%eth0", ""])


def node(name: Any, ip: Any) -> dict[str, Any]:
    """A node as MRS tells it."""
    return {"id": "i", "name": name, "ip": ip, "flavor": "c6", "type": "CoreNode", "status": "ACTIVE"}


def server(name: Any, *addresses: tuple[str, str, str]) -> dict[str, Any]:
    """A server as ECS tells it."""
    networks = [{"addr": a, "version": v, "OS-EXT-IPS:type": kind} for a, v, kind in addresses]
    return {"id": "i", "name": name, "addresses": {"vpc-1": networks}}


def checked(folder: Path, content: Any, **options: Any) -> tuple[list[tuple[int, str, str]], dict[str, int]]:
    """Line, address and name of each ready record, and the counts of rules."""
    path = folder / "answer.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    found = check(read(str(path), **options))
    hosts = found.hosts
    rows = list(zip(hosts["line"].tolist(), hosts["ip"].tolist(), hosts["name"].tolist(), strict=True))
    return rows, found.report.counts


@examples(0.3)
@given(st.lists(st.tuples(ADDRESSES, NAMES), max_size=6))
def test_as_a_table_with_the_same_cells(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    """An answer is judged as a CSV file with the same addresses and names."""
    folder = tmp_path_factory.mktemp("answers")
    answer = {"total": len(pairs), "hosts": [node(name, ip) for ip, name in pairs]}
    (folder / "table.csv").write_text(
        "ip,name,note\n" + "".join(f'"{ip}","{name}",x\n' for ip, name in pairs), encoding="utf-8"
    )
    report = check(read(str(folder / "table.csv"), syntax="csv", delimiter=",", encoding="utf-8")).report
    rows, counts = checked(folder, answer, syntax="mrs-json")
    assert counts == {code: number for code, number in report.counts.items() if code != "R114"}
    assert len(rows) == report.totals.ready


def test_private_addresses_of_servers(tmp_path: Path) -> None:
    """A server stands at its private IPv4 addresses; one with two of them is a conflict, and none is told."""
    servers = [
        server("a", ("10.0.0.1", "4", "fixed"), ("198.51.100.7", "4", "floating"), ("fd00::1", "6", "fixed")),
        server("b", ("10.0.0.2", "4", "fixed"), ("10.0.0.3", "4", "fixed")),
        server("c", ("fd00::2", "6", "fixed")),
        server("d", ("198.51.100.9", "4", "floating")),
    ]
    rows, counts = checked(tmp_path, {"count": 4, "servers": servers})
    assert rows == [(1, "10.0.0.1", "a"), (2, "10.0.0.2", "b")]
    assert counts == {"D303": 1, "A203": 1, "A201": 1}


def test_a_page_is_not_the_list(tmp_path: Path) -> None:
    """Hosts on other pages would be missing without a word: all pages have to be there."""
    first = {"total": 3, "hosts": [node("a", "10.0.0.1"), node("b", "10.0.0.2")]}
    second = {"total": "3", "hosts": [node("c", "10.0.0.3")]}
    with pytest.raises(InputError, match="holds 2 of 3 hosts of MRS"):
        checked(tmp_path, first)
    assert len(checked(tmp_path, [first, second])[0]) == 3


@pytest.mark.parametrize(
    "content",
    [
        b'{"hosts": [{"ip": "10.0.0.1", "flavor"',
        b'{"hosts": {"ip": 1, "flavor": 2}}',
        b'{"hosts": [{"ip": 1, "flavor": 2}]}',
        b'{"hosts": [1, "ip", "flavor"]}',
        b'[[], {"hosts": "ip", "flavor": 1}]',
        b'{"hosts": ' + b"[" * 100_000 + b'"ip" "flavor"',
        b'{"servers": [{"addresses": [], "OS-EXT-IPS": 1}]}',
        b'{"servers": [{"addresses": {"v": [1]}, "OS-EXT-IPS": 1}]}',
        b'{"hosts": [], "ip": "flavor"}' + b" " * (MAX_ANSWER + 1),
    ],
    ids=range(9),
)
def test_what_is_not_such_an_answer(tmp_path: Path, content: bytes) -> None:
    """It is refused with what to do."""
    with pytest.raises(InputError) as caught:
        checked(tmp_path, content)
    assert caught.value.hint


@pytest.mark.parametrize("option", ["delimiter", "header", "ip_column", "name_column", "sheet", "encoding"])
def test_options_of_tables(tmp_path: Path, option: str) -> None:
    """They mean nothing for an answer, and say so."""
    with pytest.raises(UsageError, match=r"is for tables, and .* is an answer in JSON"):
        checked(tmp_path, {"total": 0, "hosts": []}, syntax="mrs-json", **{option: "1"})


def test_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The report says what the file was taken for."""
    (tmp_path / "nodes.json").write_text(json.dumps({"total": 1, "hosts": [node("a", "10.0.0.1")]}))
    assert main(["check", str(tmp_path / "nodes.json"), "--output-format", "json"]) == 0
    (source,) = json.loads(capsys.readouterr().out)["sources"]
    assert source["format"] == "mrs-json"
    assert source["understood"]["ip_column"] == {"number": 1, "heading": "ip"}
