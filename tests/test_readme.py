"""README keeps its promises: its commands, its code, its table of rules; and all pages name what is there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from command import ROOT, run_process

from importer.checking.catalogue import RULES

README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8") if README.exists() else ""
IN_CHINESE = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")


def blocks(language: str, text: str = TEXT) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands() -> Iterator[tuple[str, list[str]]]:
    """Each `$ dli-hosts` command of the console blocks with the lines that the pages show below it."""
    for block in blocks("console") + blocks("console", IN_CHINESE):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *shown = part.rstrip("\n").split("\n")
            while command.endswith("\\") and shown:
                command = command[:-1] + shown.pop(0)
            if re.search(r"\bdli-hosts\b", command):
                yield command, shown


def matches(shown: list[str], lines: list[str]) -> bool:
    """Whether lines are as shown, where a shown `...` stands for any number of lines."""
    if not shown:
        return not lines
    if shown[0].strip() == "...":
        return any(matches(shown[1:], lines[i:]) for i in range(len(lines) + 1))
    return bool(lines) and shown[0].rstrip() == lines[0].rstrip() and matches(shown[1:], lines[1:])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder that looks like the repository's root, in which commands may leave files behind."""
    for path in ROOT.iterdir():
        if not path.name.startswith("."):
            (tmp_path / path.name).symlink_to(path)
    programs = tmp_path / ".programs"
    programs.mkdir()
    script = programs / "dli-hosts"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m importer "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return tmp_path


def test_readme_exists() -> None:
    """There is a README, with commands and with code."""
    assert README.exists()
    assert list(commands())
    assert blocks("python")


@pytest.mark.parametrize(("command", "shown"), list(commands()), ids=[c for c, _ in commands()])
def test_command(command: str, shown: list[str], root: Path) -> None:
    """A command of README prints what README shows."""
    path = f"{root / '.programs'}{os.pathsep}{os.environ['PATH']}"
    outcome = run_process(["sh", "-c", f"{{ {command}\n}} 2>&1"], root, env={"PATH": path})
    assert "Traceback" not in outcome.out
    assert matches(shown, outcome.out.splitlines()), outcome.out


@pytest.mark.parametrize("code", blocks("python"))
def test_code(code: str, root: Path) -> None:
    """A block of Python runs as it stands, without a warning but for what Spark says of pandas."""
    for engine, program in (("dask", sys.executable), ("pyspark", "java")):
        used = re.search(rf"^(from|import) {engine}\b", code, re.MULTILINE)
        if used and not (find_spec(engine) and shutil.which(program)):
            pytest.skip(f"needs {engine} and {program}")
    warnings = ["error", "ignore:PySpark does not yet fully support pandas:FutureWarning"]
    command = [sys.executable, *(word for warning in warnings for word in ("-W", warning)), "-c", code]
    outcome = run_process(command, root, env={"PYSPARK_PYTHON": sys.executable})
    assert outcome.status == 0, outcome.err


def test_table_of_rules() -> None:
    """README's table has the code, the slug and the severity of each rule, in the catalogue's order."""
    row = r"^\| *`?\[?`?([A-Z][0-9]{3})[^|]*\| *`?([a-z0-9-]+)`? *\| *(error|warning|info)\b"
    assert re.findall(row, TEXT, re.MULTILINE) == [
        (rule.code, rule.slug, rule.severity.label) for rule in RULES
    ]


PAGES = (
    "README.md",
    "README.zh-CN.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "importer/README.md",
)


@pytest.mark.parametrize("page", PAGES)
def test_links(page: str) -> None:
    """What a page links to in the repository is there, and so are the sections it links to."""
    for target in re.findall(r"\]\(([^)\s]+)\)", (ROOT / page).read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (ROOT / page).parent / path if path else ROOT / page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


def anchors(page: Path) -> set[str]:
    """The names by which the sections of a page are linked to."""
    return {
        re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    }


@pytest.mark.parametrize("page", PAGES)
def test_files(page: str) -> None:
    """The files of this repository that a page names are there; a part in capitals stands for any name."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for name in re.findall(r"`([a-z]+/[\w/]+(?:\.py|/))`", text):
        if not re.search("[A-Z]{2}", name):
            assert (ROOT / name).exists() or (ROOT / "importer" / name).exists(), name


def test_dots_stand_for_lines() -> None:
    """A shown `...` stands for any number of lines, and for lines only."""
    assert matches(["a", "...", "c"], ["a", "c"])
    assert matches(["a", "  ...", "c"], ["a", "b", "b", "c"])
    assert not matches(["a", "...", "c"], ["a", "b"])
    assert not matches(["a"], ["a", "b"])
    assert not matches(["a..."], ["abc"])
