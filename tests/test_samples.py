"""The samples show what they are named by: what is good is clean, what is bad breaks exactly that rule."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from command import ROOT, dli_hosts
from golden import GOLDEN, compare

from importer.checking.catalogue import RULES

GOOD = sorted((ROOT / "samples" / "good").iterdir())
BAD = sorted((ROOT / "samples" / "bad").iterdir())
LISTS = [path for path in GOOD if path.suffix != ".toml"]
MRS = "samples/good/mrs-etc-hosts"
CONNECTION = "samples/good/connection.toml"


def options_of(path: Path) -> list[str]:
    """The options that a sample asks for in its first line."""
    with open(path, "rb") as file:
        first = file.readline().decode("utf-8", "replace").strip()
    return shlex.split(first.removeprefix("# options: ")) if first.startswith("# options: ") else []


def test_every_rule_has_a_sample() -> None:
    """There is exactly one file in `samples/bad` for each rule, and none for anything else."""
    assert [path.stem for path in BAD] == sorted(rule.code for rule in RULES)


def test_every_rule_has_words() -> None:
    """No rule lacks an example, an explanation, a hint or a remedy."""
    for rule in RULES:
        for words in (rule.example, rule.what, rule.why, rule.remedy, rule.hint, rule.message, rule.slug):
            assert words.strip(), rule.code


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_bad_sample(path: Path) -> None:
    """A file in `samples/bad` breaks the rule it is named by, once, and no other one."""
    outcome = dli_hosts(
        "check", f"samples/bad/{path.name}", *options_of(path), "--output-format", "json", cwd=ROOT
    )
    assert outcome.err == ""
    report = json.loads(outcome.raw)
    assert report["counts"] == {path.stem: 1}
    (finding,) = report["findings"]
    severity = next(rule.severity.label for rule in RULES if rule.code == path.stem)
    assert finding["severity"] == severity
    assert outcome.status == (1 if severity == "error" else 0)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_words_of_a_bad_sample(path: Path) -> None:
    """What people read about it is its golden file, to the letter: the rule's message, place and hint."""
    arguments = ("check", f"samples/bad/{path.name}", *options_of(path), "-v")
    compare(f"samples/{path.stem}.txt", arguments, cwd=ROOT)


def test_no_golden_sample_is_left_over() -> None:
    """There is exactly one file in `tests/golden/samples` for each rule, and it shows the rule and a hint."""
    files = sorted((GOLDEN / "samples").iterdir())
    assert [file.name for file in files] == [f"{path.stem}.txt" for path in BAD]
    for file in files:
        shown = file.read_text(encoding="utf-8").splitlines()
        assert any(line.startswith(f"{file.stem} samples/bad/{file.stem}.") for line in shown), file.name
        assert any(line.startswith("  = help: ") for line in shown), file.name


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_good_sample(path: Path) -> None:
    """A list in `samples/good` has neither errors nor warnings, and can be emitted."""
    name = f"samples/good/{path.name}"
    assert dli_hosts("check", name, "--strict", cwd=ROOT).status == 0
    outcome = dli_hosts("emit", name, "--as", "request", "--connection", CONNECTION, cwd=ROOT)
    assert outcome.status == 0
    assert json.loads(outcome.raw)["hosts"]


def test_mrs_totals() -> None:
    """Of the 20 records of the pasted file 7 are ready, 5 merged, 8 skipped and none refused."""
    outcome = dli_hosts("check", MRS, cwd=ROOT)
    lines = outcome.out.splitlines()
    assert lines[:2] == [
        f"{MRS}: hosts syntax, UTF-8",
        f"{MRS}: 20 records: 7 ready, 5 merged, 8 skipped, 0 refused",
    ]
    command = f"dli-hosts plan {MRS} --name NAME --vpc ID --subnet ID"
    assert lines[-1] == f"ready: 7 of at most 20,000 hosts; next: {command}"


HOSTS = [
    ("10.64.10.10", "oms.mrs-9d2c.com"),
    ("10.64.10.10", "manager"),
    ("192.168.6.21", "node-master1qtzf.4c9e2a70-5b1d-4f83-a6c2-91d07be3f548.com"),
    ("192.168.6.87", "node-master2WbNd.4c9e2a70-5b1d-4f83-a6c2-91d07be3f548.com"),
    ("192.168.6.142", "node-ana-corehVKs.4c9e2a70-5b1d-4f83-a6c2-91d07be3f548.com"),
    ("192.168.6.155", "node-ana-coreRmYe.4c9e2a70-5b1d-4f83-a6c2-91d07be3f548.com"),
    ("192.168.6.203", "node-ana-corexPjC.4c9e2a70-5b1d-4f83-a6c2-91d07be3f548.com"),
]


def test_mrs_console() -> None:
    """Its lines for the console are the ready records in input order, spelled as in the file."""
    outcome = dli_hosts("emit", MRS, "--as", "console", cwd=ROOT)
    assert outcome.out == "".join(f"{ip} {name}\n" for ip, name in HOSTS)
    assert outcome.status == 0


def test_mrs_csv() -> None:
    """Its CSV has the header `ip,name` and the same records."""
    outcome = dli_hosts("emit", MRS, "--as", "csv", cwd=ROOT)
    assert outcome.out == "ip,name\n" + "".join(f"{ip},{name}\n" for ip, name in HOSTS)


def test_mrs_request() -> None:
    """Its request has the service's field names in the documentation's order, and no others."""
    outcome = dli_hosts("emit", MRS, "--as", "request", "--connection", CONNECTION, cwd=ROOT)
    body = json.loads(outcome.raw)
    assert list(body.items()) == [
        ("name", "mrs_prod"),
        ("dest_vpc_id", "3f7c1d52-8a46-4be0-9d13-6c2e5a90b7f4"),
        ("dest_network_id", "b81e6f09-27d3-4c5a-8f62-e4d91a3c7b50"),
        ("elastic_resource_pools", ["pool_a"]),
        ("hosts", [{"ip": ip, "name": name} for ip, name in HOSTS]),
        ("tags", [{"key": "env", "value": "prod"}, {"key": "team", "value": "bigdata"}]),
    ]
    assert [list(host) for host in body["hosts"]] == [["ip", "name"]] * 7
