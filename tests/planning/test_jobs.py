"""The jobs file: what it may say, how defaults and connections meet, and that all faults are told at once."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from command import GOOD, ROOT
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from pydantic import ValidationError

from importer.checking.pipeline import collect
from importer.checking.policy import Policy
from importer.checking.report import Report
from importer.errors import ConnectionInvalid, InputError, JobsInvalid
from importer.planning import jobs
from importer.planning.jobs import Job, inline_source, job_batches, read_jobs
from importer.planning.jobs_schema import JobTable, json_schema
from importer.planning.schema_faults import faults_of
from importer.planning.terms import Terms

SAMPLE = ROOT / "samples" / "good" / "jobs.toml"
README = ROOT / "README.md"
SCHEMA = ROOT / "importer" / "planning" / "jobs.schema.json"
BASE = '[defaults]\nvpc = "v"\nsubnet = "s"\n'


def written(folder: Path, text: str | bytes) -> str:
    """The path of a jobs file with this text, beside two lists."""
    (folder / "a.hosts").write_bytes(GOOD)
    (folder / "b.csv").write_bytes(b"name,ip\nzk01,10.20.0.21\n")
    path = folder / "jobs.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def faults(folder: Path, text: str | bytes, **options: bool) -> list[str]:
    """What is wrong with a jobs file, without its name."""
    path = written(folder, text)
    with pytest.raises(JobsInvalid) as told:
        read_jobs(path, **options)
    assert str(told.value) == "\n".join(told.value.faults)
    assert told.value.hint
    assert all(fault.startswith(f"{path}: ") and fault.isprintable() for fault in told.value.faults)
    return [fault.removeprefix(f"{path}: ") for fault in told.value.faults]


def one(folder: Path, text: str) -> Job:
    """The only job of a file that has these lines below its name."""
    (job,) = read_jobs(written(folder, f'{BASE}\n[[connection]]\nname = "a"\n{text}\n'))
    return job


def report_of(job: Job) -> tuple[Report, list[tuple[str, str]]]:
    """The report on a job's list, and its hosts."""
    report, hosts = collect(job_batches(job), Policy.of(job.check))
    return report, list(hosts.pairs())


# -- what a file says


def test_sample() -> None:
    """The sample is good, its lists are clean, and its first line leads an editor to the schema."""
    found = read_jobs(str(SAMPLE))
    assert [job.connection.name for job in found] == ["mrs_prod", "kafka_prod"]
    for job in found:
        report, hosts = report_of(job)
        assert report.ok(strict=True)
        assert hosts
    directive = SAMPLE.read_text(encoding="utf-8").splitlines()[0].removeprefix("#:schema ")
    assert (SAMPLE.parent / directive).resolve() == SCHEMA


def test_readme_shows_a_jobs_file(tmp_path: Path) -> None:
    """The jobs file that README shows is one, with the lists that it names beside it."""
    (text,) = re.findall(r"^```toml\n(.*?)^```$", README.read_text(encoding="utf-8"), re.M | re.S)
    for name in ("mrs-etc-hosts", "cmdb.csv"):
        (tmp_path / name).write_bytes(GOOD)
    first, second = read_jobs(written(tmp_path, text))
    assert first.terms.skip_refused
    assert second.inline == ("10.40.0.11 zookeeper01", "10.40.0.12 zookeeper02")
    assert second.check.on_conflict == "first"


def test_schema_is_that_of_the_model() -> None:
    """The published schema is what the model gives."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == json_schema()


def test_schema_and_reader_agree(tmp_path: Path) -> None:
    """The schema takes the sample, and refuses the shapes that the reader refuses."""
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.check_schema(json_schema())
    validator.validate(tomllib.loads(SAMPLE.read_text(encoding="utf-8")))
    for line in SHAPES:
        text = f'{BASE}[[connection]]\nname = "a"\n{line}\n'
        assert not validator.is_valid(tomllib.loads(text)), line
        assert faults(tmp_path, text)
    assert not validator.is_valid({})
    assert not validator.is_valid({"connection": [{"vpc": "v"}]})


SHAPES = [
    "vcp = 'x'",
    "vpc = ''",
    "pools = 'p'",
    "split = 1",
    "tags.a = 5",
    "files = [1]",
    "hosts = 5",
    "hosts = [5]",
    "hosts = [{ip = '10.0.0.1'}]",
    "hosts = [{ip = '10.0.0.1', nam = 'x'}]",
    "check.strict = 'yes'",
    "check.on_conflict = 'frist'",
    "read.from = 'xml'",
    "read.ip_column = 0",
    "read.delimiter = 'xx'",
]


def test_connection_before_defaults(tmp_path: Path) -> None:
    """A connection's values replace the defaults; tags, check and read are merged key by key."""
    text = """
[defaults]
vpc = "v"
subnet = "s"
pools = ["p1", "p2"]
queues = ["q"]
route_table = "r"
tags = { env = "prod", team = "x" }
files = ["a.hosts"]
skip_refused = true
[defaults.check]
names = "first"
ignore = ["d304"]
strict = true
[defaults.read]
from = "hosts"

[[connection]]
name = "plain"

[[connection]]
name = "other"
vpc = "v2"
pools = []
tags = { env = "dev" }
files = ["b.csv"]
split = true
skip_refused = false
check = { ignore = ["D301"], strict = false, on_conflict = "last" }
read = { from = "csv", ip_column = 2, delimiter = "tab" }
"""
    path = written(tmp_path, text)
    plain, other = read_jobs(path)
    assert plain.connection.model_dump() == {
        "name": "plain", "vpc": "v", "subnet": "s", "pools": ("p1", "p2"), "queues": ("q",),
        "route_table": "r", "tags": ({"key": "env", "value": "prod"}, {"key": "team", "value": "x"}),
    }  # fmt: skip
    assert (plain.check.names, plain.check.ignore, plain.check.split) == ("first", ("D304",), False)
    assert plain.terms == Terms(strict=True, split=False, skip_refused=True, on_conflict="refuse")
    assert (plain.shown, plain.files) == (("a.hosts",), (os.path.realpath(tmp_path / "a.hosts"),))
    assert plain.read == {"syntax": "hosts"}
    assert (other.connection.vpc, other.connection.pools, other.connection.queues) == ("v2", (), ("q",))
    assert {tag.key: tag.value for tag in other.connection.tags} == {"env": "dev", "team": "x"}
    assert (other.check.names, other.check.ignore, other.check.on_conflict) == ("first", ("D301",), "last")
    assert other.terms == Terms(strict=False, split=True, skip_refused=False, on_conflict="last")
    assert other.check.split
    assert other.shown == ("b.csv",)
    assert other.read == {"syntax": "csv", "ip_column": "2", "delimiter": "tab"}


def test_sources(tmp_path: Path) -> None:
    """A job has no source, or an empty one, or files and inline hosts as one list in that order."""
    assert not one(tmp_path, "").has_source
    assert not one(tmp_path, "files = []").has_source
    for empty in ("hosts = []", "hosts = ''"):
        job = one(tmp_path, empty)
        assert job.has_source
        assert inline_source(job) == b""
        assert report_of(job)[0].counts == {"L402": 1}
    job = one(tmp_path, 'files = ["a.hosts", "b.csv"]\nhosts = ["10.20.0.31 hb01"]')
    report, hosts = report_of(job)
    assert [source.name for source in report.sources] == ["a.hosts", "b.csv", job.inline_name]
    assert job.inline_name == f'{tmp_path / "jobs.toml"}: hosts of "a"'
    assert [name for _, name in hosts] == ["kafka01", "kafka02", "zk01", "hb01"]
    assert inline_source(one(tmp_path, 'files = ["a.hosts"]')) is None


def test_inline_hosts_are_judged(tmp_path: Path) -> None:
    """Inline hosts meet the rules of any list, at the line that is the number of their entry."""
    job = one(tmp_path, 'hosts = ["10.0.0.1 a", {ip = "10.0.0.2", name = "2b"}, "10.0.0.3 c d", "10.0.0.4"]')
    report, hosts = report_of(job)
    assert hosts == [("10.0.0.1", "a"), ("10.0.0.3", "c"), ("10.0.0.3", "d")]
    found = [(finding.code, finding.source, finding.line) for finding in report.findings]
    assert found[:2] == [("N103", job.inline_name, 2), ("D304", job.inline_name, 3)]
    assert found[2] == ("N101", job.inline_name, 4)
    text = one(tmp_path, "hosts = '''\n10.0.0.1 a # main\n\n# none\n10.0.0.2 b'''")
    assert report_of(text)[1] == [("10.0.0.1", "a"), ("10.0.0.2", "b")]
    assert report_of(text)[0].totals.lines == 4


def test_inline_hosts_are_hosts_syntax(tmp_path: Path) -> None:
    """They are never taken for anything else: not for CSV, a packed file, or another encoding."""
    for text in ("name,ip", "BZh91AY", "[group]", "\ufeff10.0.0.1 a"):
        report, hosts = report_of(one(tmp_path, f'hosts = ["{text}", "10.0.0.9 z"]'))
        assert hosts == [("10.0.0.9", "z")]
        assert report.totals.refused == 1
        assert [source.format for source in report.sources] == ["hosts"]


@examples()
@given(st.lists(st.tuples(st.text(max_size=4), st.text(max_size=4)), max_size=4))
def test_a_table_is_a_record(pairs: Sequence[tuple[str, str]]) -> None:
    """Each {ip, name} that is taken is exactly one record on a line of its own; else its fault is told."""
    bad = [
        i for i, pair in enumerate(pairs, 1) for text in pair if not re.fullmatch(r"[^\s\0-\x1f\x7f#]+", text)
    ]
    entries = [{"ip": ip, "name": name} for ip, name in pairs]
    if bad:
        with pytest.raises(ValidationError) as told:
            JobTable.model_validate({"hosts": entries})
        assert {fault.text.split(": ")[0] for fault in faults_of(told.value, JobTable)} == {
            f"entry {number}" for number in bad
        }
        return
    lines = JobTable.model_validate({"hosts": entries}).hosts
    assert [line.split() for line in lines] == [list(pair) for pair in pairs]
    assert len("".join(f"{line}\n" for line in lines).splitlines()) == len(pairs)


def test_errors_name_the_list_as_written(tmp_path: Path) -> None:
    """A list that cannot be read is named as in the jobs file, not by where it was found."""
    job = one(tmp_path, 'files = ["./b.csv"]')
    (tmp_path / "b.csv").write_bytes(b"\x1f\x8b\x08\0")
    with pytest.raises(InputError) as told:
        list(job_batches(job))
    assert told.value.source == "./b.csv"
    assert str(tmp_path) not in told.value.hint


# -- faults


def test_all_faults_at_once(tmp_path: Path) -> None:
    """Every fault of the defaults and of every connection is told, each with its place."""
    text = """
conection = 1
[defaults]
vpc = ""
name = "x"
check = { cidr = ["10.0.0.0/99", "10.0.0.0/8"], ignroe = ["N103"], error = ["N999"], strict = "yes" }
[[connection]]
name = "bad name"
vcp = "x"
files = ["missing"]
hosts = ["10.0.0.1 a\\n10.0.0.2 b", " ", "# c", 5, {ip = "10.0.0.1"}, {ip = "1", name = "a b"}]
[[connection]]
name = "b"
subnet = "s"
tags = { "a*b" = "", ok = 5 }
read = { from = "xml", ip_column = 0, encoding = "nope" }
pools = "x"
split = 1
[[connection]]
subnet = "s"
[[connection]]
name = "b"
subnet = "s"
hosts = "10.0.0.1 x\\n\\u0000"
queues = ["default"]
[[connection]]
name = "c"
subnet = "s"
check = { ignore = ["D301"], warn = ["d301"] }
"""
    first, second, fourth = 'connection 1 "bad name": ', 'connection 2 "b": ', 'connection 4 "b": '
    assert sorted(faults(tmp_path, text)) == sorted(
        [
            "unknown key 'conection' (did you mean connection?)",
            "defaults: vpc: is empty",
            "defaults: unknown key 'name'",
            "defaults: check.cidr: entry 1: '10.0.0.0/99' is no IPv4 network",
            "defaults: check: unknown key 'ignroe' (did you mean ignore?)",
            "defaults: check.error: entry 1: N999: there is no such rule",
            "defaults: check.strict: is neither true nor false",
            f"{first}name: only letters, digits and underscores (_) are allowed",
            f"{first}unknown key 'vcp' (did you mean vpc?)",
            f"{first}files: 'missing' does not exist",
            f"{first}hosts: entry 1: holds a line break or a control character",
            f"{first}hosts: entry 2: is blank",
            f"{first}hosts: entry 3: holds #, after which everything would be a comment",
            f'{first}hosts: entry 4: is neither a text like "10.0.0.1 name"'
            ' nor a table {ip = "...", name = "..."}',
            f"{first}hosts: entry 5: name: is missing or empty",
            f"{first}hosts: entry 6: name: 'a b' holds a blank, a # or a control character",
            f"{first}lacks subnet",
            f"{second}tags.a*b: the key holds '*'; allowed are letters, digits, spaces and _.:=+-@",
            f"{second}tags.ok: is not a text",
            f"{second}read.from: is none of 'hosts', 'csv', 'mrs-json' or 'ecs-json'",
            f"{second}read.ip_column: is neither a heading nor a number from 1",
            f"{second}read.encoding: 'nope' is not a text encoding that Python knows",
            f"{second}pools: is not a list",
            f"{second}split: is neither true nor false",
            "connection 3: lacks name",
            f"{fourth}hosts: line 2 of it holds the control character '\\x00'",
            f"{fourth}queues: entry 1: the queue `default` cannot have datasource connections",
            f"{fourth}name: is that of connection 2 too",
            'connection 5 "c": check: D301 is given to both --ignore and --warn',
        ]
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"", "has no [[connection]]"),
        (b"connection = []", "has no [[connection]]"),
        (
            b"[connection]\nname = 'a'",
            "connection: is not a list of tables, each of which begins with [[connection]]",
        ),
        (b"a = 1\nb = = 2\n", "line 2: is not TOML: Invalid value"),
        (b"a = 1\n\nb = '\xff'\n", "line 3: is not UTF-8"),
        (b"a = " + b"[" * 100_000, "is not TOML: its values are nested too deeply"),
        (b"\x00", "line 1: is not TOML: Invalid statement"),
        (
            b"a = 1\n" + b" . ".join([b"a", b"'b'"] * 10_000) + b" = 1",
            "line 2: has a key of more than 100 parts",
        ),
    ],
)
def test_not_a_jobs_file(text: bytes, fault: str, tmp_path: Path) -> None:
    """What is not TOML, no UTF-8 or has no connection is told with its line."""
    assert faults(tmp_path, text)[0] == fault


def test_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing file, a folder and a file beyond the bound are told; all of it is a ConnectionInvalid."""
    with pytest.raises(ConnectionInvalid, match="cannot be read: No such file"):
        read_jobs(str(tmp_path / "missing.toml"))
    with pytest.raises(ConnectionInvalid, match="cannot be read: Is a directory"):
        read_jobs(str(tmp_path))
    with pytest.raises(ConnectionInvalid, match="cannot be read"):
        read_jobs("a\0b")
    monkeypatch.setattr(jobs, "MAX_JOBS_BYTES", 10)
    assert faults(tmp_path, b"#" * 11) == ["is larger than 10 bytes"]
    assert faults(tmp_path, b"#" * 10) == ["has no [[connection]]"]


def test_editors_that_write_a_mark(tmp_path: Path) -> None:
    """A byte-order mark and CRLF, as editors on Windows write them, are fine."""
    text = f"{BASE}[[connection]]\nname = 'a'\nhosts = '''\n10.0.0.1 a\n10.0.0.2 b\n'''\n"
    (job,) = read_jobs(written(tmp_path, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()))
    assert job.inline == ("10.0.0.1 a", "10.0.0.2 b")


@pytest.mark.parametrize(
    "name", ["../up.hosts", "/etc/hosts", "link", "folder/../../up.hosts", "linked/up.hosts"]
)
def test_paths_stay_below_the_folder(name: str, tmp_path: Path) -> None:
    """A list outside of the folder is refused, however it is named, unless that is allowed."""
    (tmp_path / "up.hosts").write_bytes(GOOD)
    home = tmp_path / "home"
    (home / "folder").mkdir(parents=True)
    (home / "link").symlink_to("../up.hosts")
    (home / "linked").symlink_to("..")
    text = f"{BASE}[[connection]]\nname = 'a'\nfiles = ['a.hosts', '{name}']\n"
    assert faults(home, text) == [
        f"connection 1 \"a\": files: '{name}' is not a path below the folder of the jobs file"
    ]
    with pytest.raises(JobsInvalid) as told:
        read_jobs(str(home / "jobs.toml"))
    assert "--allow-outside" in told.value.hint
    if os.path.exists(home / name):
        (job,) = read_jobs(str(home / "jobs.toml"), allow_outside=True)
        assert job.shown == ("a.hosts", name)
        assert job.files[1] == os.path.realpath(home / name)


def test_paths_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are relative to the folder of the jobs file, links inside of it are fine, stdin is not."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.hosts").write_bytes(GOOD)
    (tmp_path / "link").symlink_to("sub")
    text = f"{BASE}[[connection]]\nname = 'a'\nfiles = ['sub/../a.hosts', 'link/c.hosts']\n"
    path = written(tmp_path, text)
    monkeypatch.chdir("/")
    (job,) = read_jobs(path)
    assert [os.path.basename(file) for file in job.files] == ["a.hosts", "c.hosts"]
    for name, fault in (("-", "is standard input, which a jobs file cannot name"), ("sub", "is a directory")):
        for allow_outside in (False, True):
            text = f"{BASE}files = ['{name}']\n[[connection]]\nname = 'a'\n"
            assert faults(tmp_path, text, allow_outside=allow_outside) == [
                f"defaults: files: '{name}' {fault}"
            ]


# -- whatever a file holds

VALUES = st.recursive(
    st.one_of(
        st.booleans(), st.integers(-2, 3), st.sampled_from(["", "a", "-", "\u202e", "10.0.0.1 a", "N103"])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["ip", "name", "x", "strict", "cidr", "from", "a*"]), inner, max_size=3
        ),
    ),
    max_leaves=5,
)
KEYS = [
    *("name", "vpc", "subnet", "pools", "queues", "route_table", "tags", "files", "hosts"),
    *("split", "skip_refused", "check", "read", "nmae"),
]
TABLES = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6)
FILES = st.one_of(
    st.fixed_dictionaries({"defaults": TABLES, "connection": st.lists(TABLES, max_size=3)}),
    st.dictionaries(st.sampled_from(["defaults", "connection", "x"]), VALUES),
)


@examples(3)
@given(FILES)
def test_any_file_gives_jobs_or_faults(data: dict[str, Any]) -> None:
    """Whatever stands where, there are jobs or there is a JobsInvalid whose lines a terminal can show."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "_toml", lambda _: data)
        try:
            found, faults = read_jobs("jobs.toml"), ("",)
        except JobsInvalid as error:
            found, faults = (), error.faults
    assert faults
    assert all(fault.isprintable() and "\u202e" not in fault for fault in faults)
    for job in found:
        assert {batch.source.name for batch in job_batches(job)} <= {*job.shown, job.inline_name}
    assert not found or len(found) == len(data["connection"])
