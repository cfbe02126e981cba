"""The action for GitHub, the hooks for pre-commit and the recipes of README do what they say."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from command import BAD, GOOD, ROOT, dli_hosts, environment
from report_readers import read_gitlab, read_junit, read_sarif

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A jobs file with a good list and a bad one, and the command on the path."""
    (tmp_path / "good.hosts").write_bytes(GOOD)
    (tmp_path / "bad.hosts").write_bytes(BAD)
    table = '[[connection]]\nname = "{0}"\nvpc = "v"\nsubnet = "s"\nfiles = ["{0}.hosts"]\n'
    (tmp_path / "jobs.toml").write_text(table.format("good") + table.format("bad"))
    command = tmp_path / "bin" / "dli-hosts"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m importer "$@"\n')
    command.chmod(0o755)
    return tmp_path


def steps_of(text: str) -> list[str]:
    """The scripts that a workflow or an action runs, `run: |` and `run: >` alike."""
    found = re.findall(r"^( *)(?:- )?run: [|>]\n((?:\1 +.*\n|\n)+)", text, re.MULTILINE)
    return [textwrap.dedent(body) for _, body in found]


def test_action(folder: Path) -> None:
    """The action writes annotations, the step summary, SARIF and the page, and fails as `check` does."""
    pytest.importorskip("jinja2")
    install, script = steps_of((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert (
        install.count("$RUNNER_TEMP/dli-hosts") == 3
    )  # a venv of its own: a system's Python takes no packages
    around = environment(
        {
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "DLI_HOSTS_FILES": "jobs.toml",
            "DLI_HOSTS_ARGUMENTS": "--strict --connection *",
            "DLI_HOSTS_SARIF": "out.sarif",
            "DLI_HOSTS_PAGE": "out.html",
            "GITHUB_STEP_SUMMARY": "summary.md",
            "GITHUB_ACTIONS": "true",
        }
    )
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=folder,
        env=around,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith(b"::error file=bad.hosts,line=2,col=12,title=N103 name-bad-start::1 error")
    assert read_sarif((folder / "out.sarif").read_text(encoding="utf-8")) == {"N103": 1}
    assert "| bad | ❌ |" in (folder / "summary.md").read_text(encoding="utf-8")
    assert "<!doctype html>" in (folder / "out.html").read_text(encoding="utf-8")


def test_hooks(folder: Path) -> None:
    """Each hook runs a command that there is, and takes files as pre-commit hands them over."""
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    entries = re.findall(r"^  entry: dli-hosts (.*)$", text, re.MULTILINE)
    assert len(entries) == text.count("- id: ") == 2
    lists, jobs = (entry.split() for entry in entries)
    assert dli_hosts(*lists, "good.hosts", cwd=folder).status == 0
    assert dli_hosts(*lists, "good.hosts", "bad.hosts", cwd=folder).status == 1
    assert dli_hosts(*jobs, "jobs.toml", cwd=folder).status == 1


def test_recipes_of_readme(folder: Path) -> None:
    """The commands of the three recipes run on a jobs file and leave the files that they name."""
    pytest.importorskip("jinja2")
    section = README.partition("\n## Reports\n")[2].partition("\n## ")[0]
    commands = re.findall(r"dli-hosts (check jobs\.toml(?:.*\n +--.*|.*))", section)
    assert len(commands) == 3
    for command in commands:
        arguments = shlex.split(command)
        assert dli_hosts(*arguments, cwd=folder).status == 1
        for _, target in (one.split("=") for one in arguments if re.fullmatch(r"[a-z]+=[a-z.]+", one)):
            assert (folder / target).stat().st_size
    assert read_gitlab((folder / "quality.json").read_text(encoding="utf-8")) == {"N103": 1}
    assert read_junit((folder / "junit.xml").read_text(encoding="utf-8")) == {"N103": 1}
    assert json.loads((folder / "hosts.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
