"""`init` and `schema`: a jobs file to begin with, and what editors check it by."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
from command import dli_hosts
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.cli.main import main
from importer.errors import ConnectionInvalid
from importer.planning.first_jobs import jobs_file

GOOD = ["--name", "mrs_prod", "--vpc", "vpc-1", "--subnet", "net-1", "--list", "fleet.hosts"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a list."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fleet.hosts").write_text("10.0.0.1 kafka01\n")
    return tmp_path


def test_what_is_written_plans(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file is valid by its own schema, which stands beside it, and `plan` takes it."""
    assert main(["init", *GOOD, "--pool", "pool_a"]) == 0
    text = (folder / "jobs.toml").read_text()
    assert text.startswith("#:schema jobs.schema.json\n")
    schema = json.loads((folder / "jobs.schema.json").read_text())
    jsonschema.validate(tomllib.loads(text), schema)
    assert main(["plan", "jobs.toml"]) == 0
    assert "create: mrs_prod, 1 host from fleet.hosts" in capsys.readouterr().out
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema


def test_every_fault_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What lacks and what is wrong is told in one turn, and nothing is written."""
    assert main(["init", "--name", "1-x", "--pool", ""]) == 2
    told = capsys.readouterr().err
    for part in ("vpc: is missing", "subnet: is missing", "files: is missing", "name: only letters"):
        assert part in told
    assert [path.name for path in folder.iterdir()] == ["fleet.hosts"]


def test_nothing_is_replaced(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is there stays as it is, and a list that is not there is told."""
    (folder / "jobs.toml").write_text("mine")
    assert main(["init", *GOOD]) == 2
    assert "jobs.toml: is there already" in capsys.readouterr().err
    assert main(["init", "new.toml", *GOOD[:-1], "nowhere.hosts"]) == 2
    assert "nowhere.hosts: no such file" in capsys.readouterr().err
    assert (folder / "jobs.toml").read_text() == "mine"
    assert not (folder / "new.toml").exists()


def test_without_a_terminal_nobody_is_asked(folder: Path) -> None:
    """In a pipe, what no option says is a fault and not a question."""
    outcome = dli_hosts("init", "--name", "mrs", cwd=folder, stdin=b"vpc-1\nnet-1\n\nfleet.hosts\n")
    assert outcome.status == 2
    assert "vpc: is missing" in outcome.err


@examples(0.3)
@given(
    name=st.text("abcXYZ_0129", min_size=1, max_size=64),
    words=st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20), min_size=3, max_size=3),
)
def test_any_value_is_written_as_it_is(name: str, words: list[str]) -> None:
    """Whatever a person types is in the file as it was typed, or is told."""
    fields = {"name": name, "vpc": words[0], "subnet": words[1], "files": [words[2]]}
    try:
        lines = "".join(jobs_file(fields, "s.json"))
    except ConnectionInvalid:
        return
    (found,) = tomllib.loads(lines)["connection"]
    assert found == fields
